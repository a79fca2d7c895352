"""Trials of the desktop: its real window and sync on the whole stack, through a fault proxy.

Where each row of trials.md that concerns the desktop is proved; the tests named after the plus
hold the same promise closer to its code.

Faults
13 killed after Enter         test_crashes + store/test_database
15 disk full                  test_crashes + store/test_database
16 damaged or foreign cache   test_crashes + store/test_database, settings/test_secrets
17 lying bells                test_lines + sync/test_bad_days, remote/test_doorbell
18 black hole, sleep, token   test_lines + sync/test_bad_days, remote/test_doorbell
19 two weeks of changes       test_flood (pauses of the GUI thread by heartbeat.py) + ui/test_slices
20 written offline by two     test_lines + sync/test_return, store/test_holding
23 strange messages, shown    test_shown + trials/test_content, ui/test_thread
24 bad files, on the bubble   test_shown + trials/test_content, ui/test_thread, store/test_media
27 joined, left               test_people + sync/test_engine, store/test_feed

Attacks
10 markup                     test_shown + ui/test_inbox, ui/test_thread
12 file names                 ui/test_files
13 bombs and polyglots        ui/test_strange_files
14 links                      ui/test_links
19 let go                     test_people
21 syntax in the search       test_search + store/test_search, store/test_conversations
23 keyrings                   test_doors + settings/test_secrets, story/test_session
24 certificates               test_doors + remote/test_tls
"""
