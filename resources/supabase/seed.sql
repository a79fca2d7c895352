-- A first inbox and some canned replies for a project of one's own to try with; safe to repeat.
-- People come from `balas user add`, customers from Twilio or from `balas demo`.
insert into public.inboxes (name, channel, address)
values ('WhatsApp', 'whatsapp', 'whatsapp:+14155238886')  -- Twilio's sandbox number
on conflict (address) do nothing;

insert into public.labels (name, color)
values ('VIP', 'violet'), ('Komplain', 'red'), ('Pengiriman', 'blue')
on conflict (name) do nothing;

insert into public.canned_replies (shortcut, body)
values
  ('halo', 'Halo, terima kasih sudah menghubungi kami. Ada yang bisa kami bantu?'),
  ('tunggu', 'Baik, mohon ditunggu sebentar. Kami cek dulu.'),
  ('terimakasih', 'Terima kasih. Semoga harinya menyenangkan!')
on conflict (shortcut) do nothing;
