"""The table of rights: who may see, call, upload and hear what. Whatever it does not name fails.

Each line names one thing and what comes of it for

    key         somebody with the publishable key and no token
    agent       an agent of the inbox Jakarta
    other       an agent of the inbox Bandung alone
    supervisor, admin
    away        an agent of Jakarta who was switched off and whose token is still good

`-` is Postgres's own refusal: the right is not granted. A short word (`not_found`) is the refusal
that the desktop puts into words. To add a table or a function, add its line; `pytest
tests/database/test_rights.py` says what it found where that is not what the line says.
"""

from __future__ import annotations

# Rows that a plain select shows: of which inbox, `own` for one's own row alone, `all` for what
# belongs to no inbox. Insert, update and delete are granted to nobody on any of them: agents write
# through the functions below.
READ = """
                     key  agent    other    supervisor  admin  away
audit_log            -    none     none     none        all    none
auto_replies         -    jakarta  bandung  both        both   none
canned_replies       -    all      all      all         all    none
chat_history         -    jakarta  bandung  both        both   none
contact_addresses    -    jakarta  bandung  both        both   none
contacts             -    jakarta  bandung  both        both   none
conversation_labels  -    jakarta  bandung  both        both   none
conversations        -    jakarta  bandung  both        both   none
delivery_attempts    -    jakarta  bandung  both        both   none
drafts               -    jakarta  bandung  none        none   none
erasures             -    none     none     all         all    none
events               -    jakarta  bandung  both        both   none
inbox_members        -    jakarta  bandung  both        both   own
inboxes              -    jakarta  bandung  both        both   none
labels               -    all      all      all         all    none
messages             -    jakarta  bandung  both        both   none
notes                -    jakarta  bandung  both        both   none
profiles             -    all      all      all         all    own
reads                -    jakarta  bandung  none        none   none
service_state        -    all      all      all         all    none
settings             -    none     none     none        all    none
templates            -    all      all      all         all    none
"""

# What comes of a call that is about Jakarta and its things: `yes`, or the inboxes whose texts are
# in the answer, or the refusal.
CALL = """
                      key  agent        other        supervisor   admin    away
add_note              -    yes          not_found    yes          yes      not_found
administration        -    not_allowed  not_allowed  both         both     not_allowed
assign                -    yes          not_found    yes          yes      not_found
audit                 -    not_allowed  not_allowed  not_allowed  both     not_allowed
cancel_scheduled      -    jakarta      not_found    jakarta      jakarta  not_found
change_conversations  -    yes          not_found    yes          yes      not_found
completeness          -    yes          yes          yes          yes      not_allowed
counters              -    yes          yes          yes          yes      yes
delete_auto_reply     -    not_allowed  not_allowed  yes          yes      not_allowed
delete_canned_reply   -    not_allowed  not_allowed  yes          yes      not_allowed
delete_label          -    not_allowed  not_allowed  yes          yes      not_allowed
edit_contact          -    jakarta      not_found    jakarta      jakarta  not_found
erase_contact         -    not_allowed  not_allowed  yes          yes      not_allowed
handover              -    yes          not_allowed  yes          yes      not_allowed
mark_read             -    yes          not_found    yes          yes      not_found
mark_unread           -    yes          not_found    yes          yes      not_found
merge_contacts        -    jakarta      not_found    jakarta      jakarta  not_found
messages_before       -    jakarta      not_found    jakarta      jakarta  not_found
my_profile            -    yes          yes          yes          yes      yes
preview_template      -    yes          not_found    yes          yes      not_found
pull_changes          -    jakarta      bandung      both         both     yes
receipts              -    not_allowed  not_allowed  yes          yes      not_allowed
reopen                -    yes          not_found    yes          yes      not_found
reports               -    yes          not_found    yes          yes      not_allowed
reschedule_message    -    jakarta      not_found    jakarta      jakarta  not_found
resolve               -    yes          not_found    yes          yes      not_found
retention             -    not_allowed  not_allowed  not_allowed  yes      not_allowed
retry_media           -    jakarta      not_found    jakarta      jakarta  not_found
retry_message         -    jakarta      not_found    jakarta      jakarta  not_found
save_auto_reply       -    not_allowed  not_allowed  yes          yes      not_allowed
save_canned_reply     -    not_allowed  not_allowed  yes          yes      not_allowed
save_draft            -    yes          not_found    yes          yes      not_found
save_inbox            -    not_allowed  not_allowed  not_allowed  yes      not_allowed
save_label            -    not_allowed  not_allowed  yes          yes      not_allowed
save_profile          -    not_allowed  not_allowed  not_allowed  yes      not_allowed
save_retention        -    not_allowed  not_allowed  not_allowed  yes      not_allowed
save_unless_changed   -    jakarta      not_found    jakarta      jakarta  not_found
schedule_message      -    yes          not_found    yes          yes      not_found
search_contacts       -    jakarta      bandung      both         both     yes
search_messages       -    jakarta      bandung      both         both     yes
send_message          -    yes          not_found    yes          yes      not_found
set_available         -    yes          not_allowed  yes          yes      not_allowed
set_blocked           -    jakarta      not_found    jakarta      jakarta  not_found
set_capacity          -    not_allowed  not_allowed  yes          yes      not_allowed
set_inbox_rules       -    not_allowed  not_allowed  jakarta      jakarta  not_allowed
set_label             -    yes          not_found    yes          yes      not_found
set_member            -    not_allowed  not_allowed  not_allowed  yes      not_allowed
set_priority          -    yes          not_found    yes          yes      not_found
settle_message        -    jakarta      not_found    jakarta      jakarta  not_found
snooze                -    yes          not_found    yes          yes      not_found
start_conversation    -    jakarta      not_found    jakarta      jakarta  not_found
take                  -    yes          not_found    yes          yes      not_found
unassign              -    yes          not_found    yes          yes      not_found
undo_merge            -    jakarta      not_found    jakarta      jakarta  not_found
"""

# The calls behind CALL. `:name` is something of Jakarta, or a new id; see rights_world.
ARGUMENTS = """
add_note              id => :new, conversation_id => :thread, body => 'x'
administration
assign                conversation_id => :thread, assignee_id => :agent
audit
cancel_scheduled      id => :scheduled
change_conversations  conversation_ids => array[:thread::uuid], act => 'resolve'
completeness
counters              inbox_id => :inbox
delete_auto_reply     id => :auto_reply
delete_canned_reply   id => :canned
delete_label          id => :label
edit_contact          contact_id => :contact, changes => '{"notes": "x"}'
erase_contact         id => :new, contact_id => :contact
handover              id => :new, assignee_id => :colleague, summary => 'x', from_id => :agent
mark_read             conversation_id => :thread, message_id => :inbound
mark_unread           conversation_id => :thread
merge_contacts        id => :new, into_id => :contact, from_id => :twin
messages_before       conversation_id => :thread, before => now()
my_profile
preview_template      inbox_id => :inbox, template => :template::jsonb, contact_id => :contact
pull_changes          cursor => '', page_size => 1000
receipts
reopen                conversation_id => :thread
reports               kind => 'agents', "from" => now() - interval '1 day', inbox_id => :inbox
reschedule_message    id => :scheduled, at => now() + interval '2 hours'
resolve               conversation_id => :thread
retention
retry_media           message_id => :broken
retry_message         id => :failed, new_id => :new
save_auto_reply       id => :new, inbox_id => :inbox, kind => 'keyword', body => 'x', keyword => 'y'
save_canned_reply     id => :new, shortcut => 'x', body => 'x'
save_draft            conversation_id => :thread, body => 'x', attachments => '[]'
save_inbox            inbox_id => :inbox, changes => '{"name": "x"}'
save_label            id => :new, name => 'x'
save_profile          profile_id => :agent, changes => '{"display_name": "x"}'
save_retention        messages => 100
save_unless_changed   act => 'edit_contact', arguments => :edit::jsonb, seen => '{}'
schedule_message      id => :new, conversation_id => :thread, content => 'x', at => now() + '2 h'
search_contacts       query => 'kenari'
search_messages       query => 'kenari'
send_message          id => :new, conversation_id => :thread, content => 'x', media => '[]'
set_available         available => true, profile_id => :agent
set_blocked           contact_id => :contact, blocked => true
set_capacity          profile_id => :agent, capacity => 3
set_inbox_rules       inbox_id => :inbox, rules => '{"routing": true}'
set_label             conversation_id => :thread, label_id => :label, present => true
set_member            inbox_id => :inbox, profile_id => :other, present => true
set_priority          conversation_id => :thread, priority => 'high'
settle_message        id => :uncertain, outcome => 'sent'
snooze                conversation_id => :thread, until => now() + interval '2 hours'
start_conversation    id => :new, inbox_id => :inbox, contact_id => :contact, content => 'x'
take                  conversation_id => :thread
unassign              conversation_id => :thread
undo_merge            id => :merge
"""

# What the policies ask about the caller, in the schema that the API does not show.
ASKED_BY_POLICIES = {"is_admin", "is_staff", "is_supervisor", "may_see_files", "my_inboxes"}

# Storage, bucket by bucket: `see` what lies there, `put` something among Jakarta's things (or the
# canned replies'), `change` and `delete` what Jakarta has.
FILES = """
                    key   agent    other    supervisor  admin  away
media see           none  jakarta  bandung  both        both   none
media put           -     -        -        -           -      -
media change        none  none     none     none        none   none
media delete        none  none     none     none        none   none
attachments see     none  jakarta  bandung  both        both   none
attachments put     -     yes      -        yes         yes    -
attachments change  none  none     none     none        none   none
attachments delete  none  none     none     none        none   none
canned see          none  all      all      all         all    none
canned put          -     -        -        yes         yes    -
canned change       none  none     none     none        none   none
canned delete       none  none     none     none        none   none
"""

# Private channels: whether Realtime lets one `hear` broadcasts, `see` who is present, `both`, and
# besides `speak`, which is to broadcast and to be present oneself.
CHANNELS = """
               key  agent       other       supervisor  admin       away
inbox:jakarta  -    hear        -           hear        hear        -
inbox:bandung  -    -           hear        hear        hear        -
desk:jakarta   -    both+speak  -           both+speak  both+speak  -
desk:bandung   -    -           both+speak  both+speak  both+speak  -
desk:nothing   -    -           -           -           -           -
inbox:nothing  -    -           -           -           -           -
profile:agent  -    hear        -           -           -           -
profile:other  -    -           hear        -           -           -
somewhere      -    -           -           -           -           -
"""


def lines(table: str) -> dict[str, dict[str, str]]:
    """A table of the above: by its first words, what it says of each of the six."""
    head, *rest = table.strip("\n").splitlines()
    people = head.split()
    found = {}
    for line in rest:
        words = line.split()
        found[" ".join(words[: -len(people)])] = dict(zip(people, words[-6:], strict=True))
    return found


def arguments() -> dict[str, str]:
    """The arguments of each call."""
    cut = (line.partition(" ") for line in ARGUMENTS.strip().splitlines())
    return {name: values.strip() for name, _, values in cut}
