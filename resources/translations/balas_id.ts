<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="id" sourcelanguage="en">
 <context>
  <name>accessible</name>
  <message>
   <source>Internal note by {name}</source>
   <translation>Catatan internal oleh {name}</translation>
  </message>
  <message>
   <source>in answer to: {text}</source>
   <translation>menjawab: {text}</translation>
  </message>
 </context>
 <context>
  <name>actions</name>
  <message>
   <source>Administration</source>
   <translation>Administrasi</translation>
  </message>
  <message>
   <source>All conversations</source>
   <translation>Semua percakapan</translation>
  </message>
  <message>
   <source>Assign</source>
   <translation>Tugaskan</translation>
  </message>
  <message>
   <source>Assign to me</source>
   <translation>Tugaskan ke saya</translation>
  </message>
  <message>
   <source>Attach files</source>
   <translation>Lampirkan berkas</translation>
  </message>
  <message>
   <source>Back to the list</source>
   <translation>Kembali ke daftar</translation>
  </message>
  <message>
   <source>Be available or away</source>
   <translation>Ubah status tersedia atau tidak</translation>
  </message>
  <message>
   <source>Bold</source>
   <translation>Tebal</translation>
  </message>
  <message>
   <source>Canned replies</source>
   <translation>Balasan cepat</translation>
  </message>
  <message>
   <source>Choose this conversation too</source>
   <translation>Pilih percakapan ini juga</translation>
  </message>
  <message>
   <source>Contacts</source>
   <translation>Kontak</translation>
  </message>
  <message>
   <source>Copy a link to it</source>
   <translation>Salin tautannya</translation>
  </message>
  <message>
   <source>Emoji</source>
   <translation>Emoji</translation>
  </message>
  <message>
   <source>Find in this conversation</source>
   <translation>Cari di percakapan ini</translation>
  </message>
  <message>
   <source>Go to a day</source>
   <translation>Ke tanggal</translation>
  </message>
  <message>
   <source>Hand over conversations</source>
   <translation>Serah terima percakapan</translation>
  </message>
  <message>
   <source>Hide names and texts from others</source>
   <translation>Sembunyikan nama dan isi dari orang lain</translation>
  </message>
  <message>
   <source>Inbox</source>
   <translation>Kotak masuk</translation>
  </message>
  <message>
   <source>Italic, in the text</source>
   <translation>Miring, di dalam teks</translation>
  </message>
  <message>
   <source>Labels</source>
   <translation>Label</translation>
  </message>
  <message>
   <source>Larger text</source>
   <translation>Perbesar teks</translation>
  </message>
  <message>
   <source>Lock now</source>
   <translation>Kunci sekarang</translation>
  </message>
  <message>
   <source>Mark as unread</source>
   <translation>Tandai belum dibaca</translation>
  </message>
  <message>
   <source>More views, and those saved</source>
   <translation>Tampilan lain dan yang tersimpan</translation>
  </message>
  <message>
   <source>Mute or unmute</source>
   <translation>Bisukan atau bunyikan lagi</translation>
  </message>
  <message>
   <source>My conversations</source>
   <translation>Percakapan saya</translation>
  </message>
  <message>
   <source>New conversation</source>
   <translation>Percakapan baru</translation>
  </message>
  <message>
   <source>Next conversation</source>
   <translation>Percakapan berikutnya</translation>
  </message>
  <message>
   <source>Notes that mention you</source>
   <translation>Catatan yang menyebut Anda</translation>
  </message>
  <message>
   <source>Open in its own window</source>
   <translation>Buka di jendela sendiri</translation>
  </message>
  <message>
   <source>Order of the list</source>
   <translation>Urutan daftar</translation>
  </message>
  <message>
   <source>Preferences</source>
   <translation>Preferensi</translation>
  </message>
  <message>
   <source>Previous conversation</source>
   <translation>Percakapan sebelumnya</translation>
  </message>
  <message>
   <source>Priority</source>
   <translation>Prioritas</translation>
  </message>
  <message>
   <source>Record a voice message</source>
   <translation>Rekam pesan suara</translation>
  </message>
  <message>
   <source>Reports</source>
   <translation>Laporan</translation>
  </message>
  <message>
   <source>Resolve or reopen</source>
   <translation>Selesaikan atau buka lagi</translation>
  </message>
  <message>
   <source>Resolved conversations</source>
   <translation>Percakapan selesai</translation>
  </message>
  <message>
   <source>Search everything</source>
   <translation>Cari semuanya</translation>
  </message>
  <message>
   <source>Search in the list</source>
   <translation>Cari di daftar</translation>
  </message>
  <message>
   <source>Send a template</source>
   <translation>Kirim templat</translation>
  </message>
  <message>
   <source>Show only one inbox or label</source>
   <translation>Tampilkan satu kotak masuk atau label saja</translation>
  </message>
  <message>
   <source>Show or hide the contact</source>
   <translation>Tampilkan atau sembunyikan kontak</translation>
  </message>
  <message>
   <source>Smaller text</source>
   <translation>Perkecil teks</translation>
  </message>
  <message>
   <source>Snooze</source>
   <translation>Tunda</translation>
  </message>
  <message>
   <source>Snoozed conversations</source>
   <translation>Percakapan ditunda</translation>
  </message>
  <message>
   <source>Struck out</source>
   <translation>Coret</translation>
  </message>
  <message>
   <source>Take the last reply back</source>
   <translation>Tarik balasan terakhir</translation>
  </message>
  <message>
   <source>The queue</source>
   <translation>Antrean</translation>
  </message>
  <message>
   <source>Typewriter</source>
   <translation>Mesin tik</translation>
  </message>
  <message>
   <source>Write a reply</source>
   <translation>Tulis balasan</translation>
  </message>
  <message>
   <source>Write an internal note</source>
   <translation>Tulis catatan internal</translation>
  </message>
 </context>
 <context>
  <name>acts</name>
  <message numerus="yes">
   <source>%n conversation(s)</source>
   <translation>
    <numerusform>%n percakapan</numerusform>
   </translation>
  </message>
  <message>
   <source>A colleague</source>
   <translation>Seorang rekan</translation>
  </message>
  <message>
   <source>Assign to</source>
   <translation>Tugaskan ke</translation>
  </message>
  <message>
   <source>Assign to me</source>
   <translation>Tugaskan ke saya</translation>
  </message>
  <message>
   <source>Assign to…</source>
   <translation>Tugaskan ke…</translation>
  </message>
  <message>
   <source>Choose a day and time…</source>
   <translation>Pilih hari dan jam…</translation>
  </message>
  <message>
   <source>Choose a later one.</source>
   <translation>Pilih waktu yang lebih lambat.</translation>
  </message>
  <message numerus="yes">
   <source>Colleagues have %n conversation(s)</source>
   <translation>
    <numerusform>%n percakapan sudah dipegang rekan</numerusform>
   </translation>
  </message>
  <message>
   <source>Copy number</source>
   <translation>Salin nomor</translation>
  </message>
  <message>
   <source>Labels</source>
   <translation>Label</translation>
  </message>
  <message>
   <source>Labels…</source>
   <translation>Label…</translation>
  </message>
  <message>
   <source>Mark as unread</source>
   <translation>Tandai belum dibaca</translation>
  </message>
  <message>
   <source>Nobody</source>
   <translation>Belum ada</translation>
  </message>
  <message>
   <source>Priority</source>
   <translation>Prioritas</translation>
  </message>
  <message>
   <source>Priority…</source>
   <translation>Prioritas…</translation>
  </message>
  <message>
   <source>Reopen</source>
   <translation>Buka lagi</translation>
  </message>
  <message>
   <source>Resolve</source>
   <translation>Selesai</translation>
  </message>
  <message>
   <source>Snooze until</source>
   <translation>Tunda sampai</translation>
  </message>
  <message>
   <source>Snooze…</source>
   <translation>Tunda…</translation>
  </message>
  <message>
   <source>Take over</source>
   <translation>Ambil alih</translation>
  </message>
  <message>
   <source>They were quicker. It stays with them unless you take it over.</source>
   <translation>Rekan Anda lebih cepat. Percakapan tetap padanya, kecuali Anda mengambil alih.</translation>
  </message>
  <message>
   <source>This time has passed</source>
   <translation>Waktu ini sudah lewat</translation>
  </message>
  <message>
   <source>away</source>
   <translation>tidak di tempat</translation>
  </message>
  <message>
   <source>{holder} already has {customer}</source>
   <translation>{holder} sudah memegang {customer}</translation>
  </message>
  <message>
   <source>{name} (you)</source>
   <translation>{name} (Anda)</translation>
  </message>
 </context>
 <context>
  <name>administration</name>
  <message numerus="yes">
   <source>%n agent(s)</source>
   <translation>
    <numerusform>%n petugas</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n file(s)</source>
   <translation>
    <numerusform>%n berkas</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n inbox(es)</source>
   <translation>
    <numerusform>%n kotak masuk</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n open</source>
   <translation>
    <numerusform>%n terbuka</numerusform>
   </translation>
  </message>
  <message>
   <source>+ file</source>
   <translation>+ berkas</translation>
  </message>
  <message>
   <source>A customer's message gets at most one: for a keyword in it, else “away” while the inbox is closed, else the greeting when a conversation begins. Variables: {{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}; one without a value leaves nothing.</source>
   <translation>Satu pesan pelanggan mendapat paling banyak satu: karena kata kunci, atau “pergi” selama kotak masuk tutup, atau salam saat percakapan dimulai. Variabel: {{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}; yang tidak ada nilainya dihilangkan.</translation>
  </message>
  <message>
   <source>A file lies elsewhere: remove it.</source>
   <translation>Ada berkas di tempat lain: hapus berkas itu.</translation>
  </message>
  <message>
   <source>A greeting, or when you open again, is a good start.</source>
   <translation>Salam, atau kapan buka lagi, adalah awal yang baik.</translation>
  </message>
  <message>
   <source>A login is made where the service runs. Run this there with their e-mail: it prints a code that they type into Balas once, under “Use a one-time code”. They appear in this list at once.</source>
   <translation>Akun dibuat di tempat layanan berjalan. Jalankan perintah ini di sana dengan emailnya: muncul kode yang diketik sekali di Balas, lewat “Pakai kode sekali pakai”. Orangnya langsung muncul di daftar ini.</translation>
  </message>
  <message>
   <source>A value is out of its range.</source>
   <translation>Ada nilai di luar batas.</translation>
  </message>
  <message>
   <source>Add</source>
   <translation>Tambah</translation>
  </message>
  <message>
   <source>Add somebody</source>
   <translation>Tambah petugas</translation>
  </message>
  <message>
   <source>Added</source>
   <translation>Ditambahkan</translation>
  </message>
  <message>
   <source>Administration</source>
   <translation>Administrasi</translation>
  </message>
  <message>
   <source>Administrator</source>
   <translation>Administrator</translation>
  </message>
  <message>
   <source>After 24 hours WhatsApp takes only approved templates. They are written at Twilio; this is their state there.</source>
   <translation>Setelah 24 jam WhatsApp hanya menerima templat yang disetujui. Templat ditulis di Twilio; ini keadaannya di sana.</translation>
  </message>
  <message>
   <source>Agent</source>
   <translation>Agen</translation>
  </message>
  <message>
   <source>Agents see their inboxes; supervisors see all and set the rules; administrators also people and what is kept.</source>
   <translation>Agen melihat kotak masuknya; supervisor melihat semua dan mengatur aturan; administrator juga mengatur petugas dan masa simpan.</translation>
  </message>
  <message>
   <source>Amber</source>
   <translation>Kuning tua</translation>
  </message>
  <message>
   <source>An inbox comes by itself with the first message to a new number of yours.</source>
   <translation>Kotak masuk muncul sendiri saat ada pesan pertama ke nomor baru Anda.</translation>
  </message>
  <message>
   <source>Approved</source>
   <translation>Disetujui</translation>
  </message>
  <message>
   <source>Ask an administrator for another role.</source>
   <translation>Minta peran lain kepada administrator.</translation>
  </message>
  <message>
   <source>At most to one customer in an hour</source>
   <translation>Paling banyak per pelanggan dalam satu jam</translation>
  </message>
  <message>
   <source>Audit log</source>
   <translation>Log audit</translation>
  </message>
  <message>
   <source>Automatic replies</source>
   <translation>Balasan otomatis</translation>
  </message>
  <message>
   <source>Automatic replies in an hour</source>
   <translation>Balasan otomatis per jam</translation>
  </message>
  <message>
   <source>Available</source>
   <translation>Tersedia</translation>
  </message>
  <message>
   <source>Away</source>
   <translation>Pergi</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Biru</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Canned replies</source>
   <translation>Balasan cepat</translation>
  </message>
  <message>
   <source>Changed</source>
   <translation>Diubah</translation>
  </message>
  <message>
   <source>Channel</source>
   <translation>Kanal</translation>
  </message>
  <message>
   <source>Colour</source>
   <translation>Warna</translation>
  </message>
  <message>
   <source>Command that adds a person</source>
   <translation>Perintah untuk menambah petugas</translation>
  </message>
  <message>
   <source>Contacts</source>
   <translation>Kontak</translation>
  </message>
  <message>
   <source>Conversations</source>
   <translation>Percakapan</translation>
  </message>
  <message>
   <source>Conversations at once</source>
   <translation>Percakapan sekaligus</translation>
  </message>
  <message>
   <source>Copied</source>
   <translation>Tersalin</translation>
  </message>
  <message>
   <source>Copy the command</source>
   <translation>Salin perintah</translation>
  </message>
  <message>
   <source>Counted within the hours.</source>
   <translation>Dihitung dalam jam kerja.</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Hapus</translation>
  </message>
  <message>
   <source>Delete /{name}?</source>
   <translation>Hapus /{name}?</translation>
  </message>
  <message>
   <source>Delete older data for good?</source>
   <translation>Hapus data lama untuk selamanya?</translation>
  </message>
  <message>
   <source>Delete the label {name}?</source>
   <translation>Hapus label {name}?</translation>
  </message>
  <message>
   <source>Delete this automatic reply?</source>
   <translation>Hapus balasan otomatis ini?</translation>
  </message>
  <message>
   <source>Delete {name}</source>
   <translation>Hapus {name}</translation>
  </message>
  <message>
   <source>Disabled by WhatsApp</source>
   <translation>Dimatikan WhatsApp</translation>
  </message>
  <message>
   <source>Discard</source>
   <translation>Buang</translation>
  </message>
  <message>
   <source>Every further answer</source>
   <translation>Jawaban berikutnya</translation>
  </message>
  <message>
   <source>Files</source>
   <translation>Berkas</translation>
  </message>
  <message>
   <source>Files of this reply</source>
   <translation>Berkas balasan ini</translation>
  </message>
  <message>
   <source>Files only</source>
   <translation>Hanya berkas</translation>
  </message>
  <message>
   <source>First answer</source>
   <translation>Jawaban pertama</translation>
  </message>
  <message>
   <source>Friday</source>
   <translation>Jumat</translation>
  </message>
  <message>
   <source>Give waiting customers to people</source>
   <translation>Bagikan pelanggan yang menunggu ke petugas</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Hijau</translation>
  </message>
  <message>
   <source>Greeting</source>
   <translation>Salam</translation>
  </message>
  <message>
   <source>Grey</source>
   <translation>Abu-abu</translation>
  </message>
  <message>
   <source>Has access</source>
   <translation>Punya akses</translation>
  </message>
  <message>
   <source>Hours</source>
   <translation>Jam kerja</translation>
  </message>
  <message>
   <source>How fast it sends</source>
   <translation>Seberapa cepat mengirim</translation>
  </message>
  <message>
   <source>In turn, to who is available and has room. Without it they wait in the queue.</source>
   <translation>Bergiliran, ke yang tersedia dan masih sanggup. Jika dimatikan, mereka menunggu di antrean.</translation>
  </message>
  <message>
   <source>Inbox</source>
   <translation>Kotak masuk</translation>
  </message>
  <message>
   <source>Inboxes</source>
   <translation>Kotak masuk</translation>
  </message>
  <message>
   <source>Inboxes and hours</source>
   <translation>Kotak masuk dan jam kerja</translation>
  </message>
  <message>
   <source>It goes from every conversation that has it.</source>
   <translation>Label hilang dari semua percakapan yang memakainya.</translation>
  </message>
  <message>
   <source>It is no longer there: somebody removed it.</source>
   <translation>Sudah tidak ada: seseorang menghapusnya.</translation>
  </message>
  <message>
   <source>It is right</source>
   <translation>Sudah benar</translation>
  </message>
  <message>
   <source>Its SID at Twilio, where this number belongs to one.</source>
   <translation>SID-nya di Twilio, jika nomor ini termasuk di dalamnya.</translation>
  </message>
  <message>
   <source>Keep mine</source>
   <translation>Pakai punya saya</translation>
  </message>
  <message>
   <source>Keyword</source>
   <translation>Kata kunci</translation>
  </message>
  <message>
   <source>Kind</source>
   <translation>Jenis</translation>
  </message>
  <message>
   <source>Labels</source>
   <translation>Label</translation>
  </message>
  <message>
   <source>Labels say what conversations are about.</source>
   <translation>Label menandai isi percakapan.</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Bahasa</translation>
  </message>
  <message>
   <source>Messages</source>
   <translation>Pesan</translation>
  </message>
  <message>
   <source>Messages in a second</source>
   <translation>Pesan per detik</translation>
  </message>
  <message>
   <source>Messages in a second, to all together</source>
   <translation>Pesan per detik, untuk semua pelanggan</translation>
  </message>
  <message>
   <source>Messages to one customer in half a minute</source>
   <translation>Pesan ke satu pelanggan per setengah menit</translation>
  </message>
  <message>
   <source>Messaging service</source>
   <translation>Messaging service</translation>
  </message>
  <message>
   <source>Monday</source>
   <translation>Senin</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Nama</translation>
  </message>
  <message>
   <source>Name of a new label</source>
   <translation>Nama label baru</translation>
  </message>
  <message>
   <source>Name of the label</source>
   <translation>Nama label</translation>
  </message>
  <message>
   <source>Needs a look</source>
   <translation>Perlu dilihat</translation>
  </message>
  <message>
   <source>New automatic reply</source>
   <translation>Balasan otomatis baru</translation>
  </message>
  <message>
   <source>New reply</source>
   <translation>Balasan baru</translation>
  </message>
  <message>
   <source>No access</source>
   <translation>Tanpa akses</translation>
  </message>
  <message>
   <source>No canned replies yet</source>
   <translation>Belum ada balasan cepat</translation>
  </message>
  <message>
   <source>No labels yet</source>
   <translation>Belum ada label</translation>
  </message>
  <message>
   <source>No such variable: {names}. A text may hold {known}.</source>
   <translation>Variabel ini tidak ada: {names}. Yang boleh dipakai: {known}.</translation>
  </message>
  <message>
   <source>No templates yet</source>
   <translation>Belum ada templat</translation>
  </message>
  <message>
   <source>Nobody else is an administrator. Make somebody else one first.</source>
   <translation>Tidak ada administrator lain. Jadikan orang lain administrator dulu.</translation>
  </message>
  <message>
   <source>Not added</source>
   <translation>Tidak ditambahkan</translation>
  </message>
  <message>
   <source>Not known</source>
   <translation>Tidak diketahui</translation>
  </message>
  <message>
   <source>Not saved</source>
   <translation>Tidak tersimpan</translation>
  </message>
  <message>
   <source>Not sent for approval</source>
   <translation>Belum diajukan</translation>
  </message>
  <message>
   <source>Notes</source>
   <translation>Catatan</translation>
  </message>
  <message>
   <source>Nothing is said automatically</source>
   <translation>Belum ada balasan otomatis</translation>
  </message>
  <message>
   <source>Nothing was done yet.</source>
   <translation>Belum ada kegiatan.</translation>
  </message>
  <message>
   <source>Now it is “{now}”. You wanted: {values}</source>
   <translation>Sekarang “{now}”. Anda menulis: {values}</translation>
  </message>
  <message>
   <source>Number</source>
   <translation>Nomor</translation>
  </message>
  <message>
   <source>Off</source>
   <translation>Mati</translation>
  </message>
  <message>
   <source>Older</source>
   <translation>Lebih lama</translation>
  </message>
  <message>
   <source>On</source>
   <translation>Nyala</translation>
  </message>
  <message>
   <source>Only administrators change this</source>
   <translation>Hanya administrator yang mengubah ini</translation>
  </message>
  <message>
   <source>Paused by WhatsApp</source>
   <translation>Dijeda WhatsApp</translation>
  </message>
  <message>
   <source>People</source>
   <translation>Petugas</translation>
  </message>
  <message>
   <source>Pictures, recordings and documents; the message stays and says that its file is gone.</source>
   <translation>Gambar, rekaman, dan dokumen; pesannya tetap ada dan menyebut berkasnya sudah dihapus.</translation>
  </message>
  <message>
   <source>Put mine in its place</source>
   <translation>Ganti dengan punya saya</translation>
  </message>
  <message>
   <source>Raw requests of Twilio</source>
   <translation>Permintaan mentah Twilio</translation>
  </message>
  <message>
   <source>Red</source>
   <translation>Merah</translation>
  </message>
  <message>
   <source>Refused</source>
   <translation>Ditolak</translation>
  </message>
  <message>
   <source>Rejected</source>
   <translation>Ditolak</translation>
  </message>
  <message>
   <source>Remind before the 24-hour window closes</source>
   <translation>Ingatkan sebelum jendela 24 jam tutup</translation>
  </message>
  <message>
   <source>Remind before the window closes</source>
   <translation>Ingatkan sebelum jendela ditutup</translation>
  </message>
  <message>
   <source>Remove {name}</source>
   <translation>Hapus {name}</translation>
  </message>
  <message>
   <source>Role</source>
   <translation>Peran</translation>
  </message>
  <message>
   <source>Routing gives them no more than so many open ones.</source>
   <translation>Pembagian otomatis tidak memberi lebih dari jumlah ini.</translation>
  </message>
  <message>
   <source>Saturday</source>
   <translation>Sabtu</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Simpan</translation>
  </message>
  <message>
   <source>Save and delete</source>
   <translation>Simpan dan hapus</translation>
  </message>
  <message>
   <source>Saved</source>
   <translation>Tersimpan</translation>
  </message>
  <message>
   <source>Shortcut</source>
   <translation>Pintasan</translation>
  </message>
  <message>
   <source>So few days cannot be chosen for this kind.</source>
   <translation>Jumlah hari terlalu sedikit untuk jenis ini.</translation>
  </message>
  <message>
   <source>So long after somebody went away; 0 is at once.</source>
   <translation>Selama ini setelah petugas pergi; 0 berarti seketika.</translation>
  </message>
  <message>
   <source>So that two machines never talk to each other for long.</source>
   <translation>Agar dua mesin tidak saling membalas terus.</translation>
  </message>
  <message>
   <source>Somebody else changed this meanwhile</source>
   <translation>Orang lain baru saja mengubah ini</translation>
  </message>
  <message>
   <source>Somebody else changed this meanwhile. Now it is: {text}</source>
   <translation>Orang lain baru saja mengubah ini. Isinya sekarang: {text}</translation>
  </message>
  <message>
   <source>Somebody else changed this meanwhile; theirs is shown now.</source>
   <translation>Orang lain baru saja mengubah ini; yang tampil sekarang adalah versinya.</translation>
  </message>
  <message>
   <source>Somebody else deleted this meanwhile. Yours would be made anew.</source>
   <translation>Orang lain baru saja menghapus ini. Punya Anda akan dibuat baru.</translation>
  </message>
  <message>
   <source>Somebody who left without saying so can be set away.</source>
   <translation>Yang pulang tanpa kabar bisa ditandai pergi.</translation>
  </message>
  <message>
   <source>Sunday</source>
   <translation>Minggu</translation>
  </message>
  <message>
   <source>Supervisor</source>
   <translation>Supervisor</translation>
  </message>
  <message>
   <source>Switched on</source>
   <translation>Dinyalakan</translation>
  </message>
  <message>
   <source>Take away</source>
   <translation>Cabut</translation>
  </message>
  <message>
   <source>Take away {name}'s access?</source>
   <translation>Cabut akses {name}?</translation>
  </message>
  <message>
   <source>Take back from who is away</source>
   <translation>Tarik dari yang pergi</translation>
  </message>
  <message>
   <source>Take theirs</source>
   <translation>Pakai punyanya</translation>
  </message>
  <message>
   <source>Templates</source>
   <translation>Templat</translation>
  </message>
  <message>
   <source>Text</source>
   <translation>Teks</translation>
  </message>
  <message>
   <source>The file cannot be read</source>
   <translation>Berkas tidak terbaca</translation>
  </message>
  <message>
   <source>The name is missing, too long, or not one word.</source>
   <translation>Nama kosong, terlalu panjang, atau bukan satu kata.</translation>
  </message>
  <message>
   <source>The next one waits. It stops machines that answer each other: Twilio refuses the fifteenth.</source>
   <translation>Pesan berikutnya menunggu. Ini menghentikan mesin yang saling membalas: Twilio menolak pesan kelima belas.</translation>
  </message>
  <message>
   <source>The server</source>
   <translation>Server</translation>
  </message>
  <message>
   <source>The service deletes what is older, every hour, from the project and from every desktop. It cannot be brought back.</source>
   <translation>Setiap jam layanan menghapus yang lebih lama, dari proyek dan dari semua komputer. Tidak bisa dikembalikan.</translation>
  </message>
  <message>
   <source>The text is longer than 1,600 characters.</source>
   <translation>Teks lebih dari 1.600 karakter.</translation>
  </message>
  <message>
   <source>Theirs is shown now. You wanted: {values}</source>
   <translation>Yang tampil sekarang adalah versinya. Anda menulis: {values}</translation>
  </message>
  <message>
   <source>There is nothing to send: write something.</source>
   <translation>Tidak ada yang dikirim: tulis sesuatu.</translation>
  </message>
  <message>
   <source>There is one of this name already.</source>
   <translation>Nama ini sudah dipakai.</translation>
  </message>
  <message>
   <source>These hours cannot be read. Look at the times.</source>
   <translation>Jam kerja ini tidak terbaca. Periksa waktunya.</translation>
  </message>
  <message>
   <source>They repeat what the messages say, and help to find out what went wrong.</source>
   <translation>Isinya sama dengan pesan, dan membantu mencari sebab masalah.</translation>
  </message>
  <message>
   <source>They see nothing any more, and what they have open waits for others. Close the login too: balas user disable EMAIL.</source>
   <translation>Ia tidak melihat apa pun lagi, dan percakapannya menunggu petugas lain. Tutup juga akunnya: balas user disable EMAIL.</translation>
  </message>
  <message>
   <source>This inbox was made when a customer wrote to a number that nobody had set up. Give it a name, put people into it, then say that it is right.</source>
   <translation>Kotak masuk ini dibuat saat pelanggan menulis ke nomor yang belum diatur. Beri nama, masukkan petugas, lalu nyatakan sudah benar.</translation>
  </message>
  <message>
   <source>This is for supervisors and administrators</source>
   <translation>Ini untuk supervisor dan administrator</translation>
  </message>
  <message>
   <source>Thursday</source>
   <translation>Kamis</translation>
  </message>
  <message>
   <source>To</source>
   <translation>Kepada</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Coba lagi</translation>
  </message>
  <message>
   <source>Tuesday</source>
   <translation>Selasa</translation>
  </message>
  <message>
   <source>Typed as /shortcut in a reply. {{name}} becomes the customer's name, {{agent}} who writes; any other {{variable}} is asked for before it is sent.</source>
   <translation>Diketik sebagai /pintasan di balasan. {{name}} menjadi nama pelanggan, {{agent}} nama penulis; {{variabel}} lain ditanyakan sebelum dikirim.</translation>
  </message>
  <message>
   <source>Unchanged</source>
   <translation>Tetap</translation>
  </message>
  <message>
   <source>Uploading {name}…</source>
   <translation>Mengunggah {name}…</translation>
  </message>
  <message>
   <source>Violet</source>
   <translation>Ungu</translation>
  </message>
  <message>
   <source>Waiting for WhatsApp</source>
   <translation>Menunggu WhatsApp</translation>
  </message>
  <message>
   <source>Wednesday</source>
   <translation>Rabu</translation>
  </message>
  <message>
   <source>What is kept</source>
   <translation>Masa simpan data</translation>
  </message>
  <message>
   <source>What is kept, and for how long</source>
   <translation>Data yang disimpan, dan berapa lama</translation>
  </message>
  <message>
   <source>What is older than you say now goes within the hour and cannot be brought back.</source>
   <translation>Yang lebih lama dari batas baru terhapus dalam satu jam dan tidak bisa dikembalikan.</translation>
  </message>
  <message>
   <source>What is written every day need not be typed again.</source>
   <translation>Yang ditulis setiap hari tidak perlu diketik ulang.</translation>
  </message>
  <message>
   <source>What was sent with it stays. This cannot be undone.</source>
   <translation>Yang sudah terkirim tetap ada. Ini tidak bisa dibatalkan.</translation>
  </message>
  <message>
   <source>WhatsApp takes 80 from most numbers; a number for SMS often one. More than Twilio allows only waits there.</source>
   <translation>WhatsApp menerima 80 dari kebanyakan nomor; nomor SMS sering hanya satu. Yang melebihi batas Twilio hanya mengantre di sana.</translation>
  </message>
  <message>
   <source>When an answer is due</source>
   <translation>Batas waktu menjawab</translation>
  </message>
  <message>
   <source>Where customers are given to them.</source>
   <translation>Tempat ia mendapat pelanggan.</translation>
  </message>
  <message>
   <source>Who did what.</source>
   <translation>Siapa melakukan apa.</translation>
  </message>
  <message>
   <source>Who gets whom</source>
   <translation>Pembagian pelanggan</translation>
  </message>
  <message>
   <source>Who has the conversation is told so long before.</source>
   <translation>Pemegang percakapan diberi tahu selama ini sebelumnya.</translation>
  </message>
  <message>
   <source>With their notes, deliveries and files. Contacts and the numbers of the reports stay.</source>
   <translation>Termasuk catatan, riwayat kirim, dan berkasnya. Kontak dan angka laporan tetap ada.</translation>
  </message>
  <message>
   <source>Without a name</source>
   <translation>Tanpa nama</translation>
  </message>
  <message>
   <source>Without access they see nothing from now on; their name stays on what they wrote.</source>
   <translation>Tanpa akses ia tidak melihat apa pun lagi; namanya tetap ada di tulisannya.</translation>
  </message>
  <message>
   <source>Words, divided by commas</source>
   <translation>Kata-kata, dipisah koma</translation>
  </message>
  <message>
   <source>Write one in Twilio's Content Template Builder; it appears here by itself.</source>
   <translation>Tulis di Content Template Builder Twilio; nanti muncul sendiri di sini.</translation>
  </message>
  <message>
   <source>Your role may not change this.</source>
   <translation>Peran Anda tidak boleh mengubah ini.</translation>
  </message>
  <message>
   <source>added a person</source>
   <translation>menambah petugas</translation>
  </message>
  <message>
   <source>added an automatic reply</source>
   <translation>menambah balasan otomatis</translation>
  </message>
  <message>
   <source>added an inbox</source>
   <translation>menambah kotak masuk</translation>
  </message>
  <message>
   <source>always open</source>
   <translation>selalu buka</translation>
  </message>
  <message>
   <source>away since {time}</source>
   <translation>pergi sejak {time}</translation>
  </message>
  <message>
   <source>blocked a contact</source>
   <translation>memblokir kontak</translation>
  </message>
  <message>
   <source>changed a person</source>
   <translation>mengubah data petugas</translation>
  </message>
  <message>
   <source>changed a person's role or access</source>
   <translation>mengubah peran atau akses petugas</translation>
  </message>
  <message>
   <source>changed a setting of the team</source>
   <translation>mengubah pengaturan tim</translation>
  </message>
  <message>
   <source>changed an automatic reply</source>
   <translation>mengubah balasan otomatis</translation>
  </message>
  <message>
   <source>changed an inbox</source>
   <translation>mengubah kotak masuk</translation>
  </message>
  <message>
   <source>changed the rules of an inbox</source>
   <translation>mengubah aturan kotak masuk</translation>
  </message>
  <message>
   <source>days</source>
   <translation>hari</translation>
  </message>
  <message>
   <source>deleted a canned reply</source>
   <translation>menghapus balasan cepat</translation>
  </message>
  <message>
   <source>deleted a label</source>
   <translation>menghapus label</translation>
  </message>
  <message>
   <source>deleted an automatic reply</source>
   <translation>menghapus balasan otomatis</translation>
  </message>
  <message>
   <source>deleted what was past its time</source>
   <translation>menghapus data yang lewat masa simpan</translation>
  </message>
  <message>
   <source>erased a contact again after a restore</source>
   <translation>menghapus kontak lagi setelah pemulihan cadangan</translation>
  </message>
  <message>
   <source>erased a contact everywhere</source>
   <translation>menghapus kontak di mana-mana</translation>
  </message>
  <message>
   <source>erased a contact, but something is left</source>
   <translation>menghapus kontak, tetapi ada yang tersisa</translation>
  </message>
  <message>
   <source>for ever</source>
   <translation>selamanya</translation>
  </message>
  <message>
   <source>had a contact erased</source>
   <translation>meminta penghapusan kontak</translation>
  </message>
  <message>
   <source>handed conversations over</source>
   <translation>menyerahkan percakapan</translation>
  </message>
  <message>
   <source>merged two contacts</source>
   <translation>menggabungkan dua kontak</translation>
  </message>
  <message>
   <source>minutes</source>
   <translation>menit</translation>
  </message>
  <message>
   <source>moved somebody between inboxes</source>
   <translation>memindahkan seseorang antar kotak masuk</translation>
  </message>
  <message>
   <source>never</source>
   <translation>tidak pernah</translation>
  </message>
  <message>
   <source>price list, catalogue</source>
   <translation>daftar harga, katalog</translation>
  </message>
  <message>
   <source>put somebody into an inbox</source>
   <translation>memasukkan petugas ke kotak masuk</translation>
  </message>
  <message>
   <source>read in contacts from a file</source>
   <translation>mengimpor kontak dari berkas</translation>
  </message>
  <message>
   <source>removed a person</source>
   <translation>menghapus petugas</translation>
  </message>
  <message>
   <source>removed an automatic reply</source>
   <translation>menghapus balasan otomatis</translation>
  </message>
  <message>
   <source>removed an inbox</source>
   <translation>menghapus kotak masuk</translation>
  </message>
  <message>
   <source>said who is there</source>
   <translation>mengubah kehadiran petugas</translation>
  </message>
  <message>
   <source>saved a canned reply</source>
   <translation>menyimpan balasan cepat</translation>
  </message>
  <message>
   <source>saved a label</source>
   <translation>menyimpan label</translation>
  </message>
  <message>
   <source>saved an automatic reply</source>
   <translation>menyimpan balasan otomatis</translation>
  </message>
  <message>
   <source>set a setting of the team</source>
   <translation>membuat pengaturan tim</translation>
  </message>
  <message>
   <source>set how many conversations somebody gets</source>
   <translation>mengatur jumlah percakapan petugas</translation>
  </message>
  <message>
   <source>took away a setting of the team</source>
   <translation>menghapus satu pengaturan tim</translation>
  </message>
  <message>
   <source>took somebody out of an inbox</source>
   <translation>mengeluarkan petugas dari kotak masuk</translation>
  </message>
  <message>
   <source>unblocked a contact</source>
   <translation>membuka blokir kontak</translation>
  </message>
  <message>
   <source>undid a merge</source>
   <translation>membatalkan penggabungan</translation>
  </message>
  <message>
   <source>wrote a conversation's case file</source>
   <translation>mengekspor berkas kasus sebuah percakapan</translation>
  </message>
  <message>
   <source>wrote contacts to a file</source>
   <translation>mengekspor kontak ke berkas</translation>
  </message>
  <message>
   <source>{days} days at least, or empty: for ever.</source>
   <translation>Paling sedikit {days} hari, atau kosong: selamanya.</translation>
  </message>
  <message>
   <source>{who} {what}</source>
   <translation>{who} {what}</translation>
  </message>
 </context>
 <context>
  <name>alerts</name>
  <message numerus="yes">
   <source>%n unread</source>
   <translation>
    <numerusform>%n belum dibaca</numerusform>
   </translation>
  </message>
  <message>
   <source>A 24-hour window closes soon</source>
   <translation>Sebuah jendela 24 jam segera tutup</translation>
  </message>
  <message>
   <source>A click on a notification opens the conversation</source>
   <translation>Klik pada pemberitahuan membuka percakapannya</translation>
  </message>
  <message>
   <source>A colleague</source>
   <translation>Seorang rekan</translation>
  </message>
  <message>
   <source>A colleague mentions you</source>
   <translation>Seorang rekan menyebut Anda</translation>
  </message>
  <message>
   <source>A conversation was assigned to you</source>
   <translation>Sebuah percakapan ditugaskan kepada Anda</translation>
  </message>
  <message>
   <source>A customer wrote</source>
   <translation>Seorang pelanggan menulis</translation>
  </message>
  <message>
   <source>Hidden while you share your screen. {keys} shows it again.</source>
   <translation>Disembunyikan selama layar dibagikan. {keys} menampilkannya lagi.</translation>
  </message>
  <message>
   <source>Notifications can be answered in place</source>
   <translation>Pemberitahuan dapat langsung dibalas</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Buka</translation>
  </message>
  <message>
   <source>Reply</source>
   <translation>Balas</translation>
  </message>
  <message>
   <source>Reply…</source>
   <translation>Balas…</translation>
  </message>
  <message>
   <source>The 24-hour window closes at {time}</source>
   <translation>Jendela 24 jam tutup pukul {time}</translation>
  </message>
  <message>
   <source>This system shows no notifications; sounds still come</source>
   <translation>Sistem ini tidak menampilkan pemberitahuan; suara tetap terdengar</translation>
  </message>
  <message>
   <source>{name} is yours now</source>
   <translation>{name} sekarang milik Anda</translation>
  </message>
  <message>
   <source>{name} still waits</source>
   <translation>{name} masih menunggu</translation>
  </message>
  <message>
   <source>{who} assigned it to you</source>
   <translation>{who} menugaskannya kepada Anda</translation>
  </message>
  <message>
   <source>{who} mentions you · {name}</source>
   <translation>{who} menyebut Anda · {name}</translation>
  </message>
 </context>
 <context>
  <name>around</name>
  <message>
   <source>Copy link</source>
   <translation>Salin tautan</translation>
  </message>
  <message>
   <source>Link copied</source>
   <translation>Tautan disalin</translation>
  </message>
  <message>
   <source>Mute</source>
   <translation>Bisukan</translation>
  </message>
  <message>
   <source>Muted</source>
   <translation>Dibisukan</translation>
  </message>
  <message>
   <source>Open in its own window</source>
   <translation>Buka di jendela sendiri</translation>
  </message>
  <message>
   <source>This computer does not allow it</source>
   <translation>Komputer ini tidak mengizinkannya</translation>
  </message>
  <message>
   <source>Unmute</source>
   <translation>Bunyikan lagi</translation>
  </message>
  <message>
   <source>You hear of it again</source>
   <translation>Anda diberi tahu lagi</translation>
  </message>
  <message>
   <source>You still hear of it when somebody asks for you by name.</source>
   <translation>Anda tetap diberi tahu bila ada yang memanggil Anda dengan nama.</translation>
  </message>
 </context>
 <context>
  <name>bench</name>
  <message>
   <source>Arrows: a rectangle · Shift: its size · Ctrl: finely · Enter: black out</source>
   <translation>Panah: kotak · Shift: ukurannya · Ctrl: halus · Enter: hitamkan</translation>
  </message>
  <message>
   <source>Arrows: a rectangle · Shift: its size · Ctrl: finely · Enter: crop</source>
   <translation>Panah: kotak · Shift: ukurannya · Ctrl: halus · Enter: potong</translation>
  </message>
  <message>
   <source>Black out (B)</source>
   <translation>Tutup hitam (B)</translation>
  </message>
  <message>
   <source>Cancel (Esc)</source>
   <translation>Batal (Esc)</translation>
  </message>
  <message>
   <source>Caption</source>
   <translation>Keterangan</translation>
  </message>
  <message>
   <source>Crop (C)</source>
   <translation>Potong (C)</translation>
  </message>
  <message>
   <source>Discard the changes</source>
   <translation>Buang perubahan</translation>
  </message>
  <message>
   <source>Edit {name}</source>
   <translation>Sunting {name}</translation>
  </message>
  <message>
   <source>Go on editing (Esc)</source>
   <translation>Lanjut menyunting (Esc)</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Nama</translation>
  </message>
  <message>
   <source>Picture</source>
   <translation>Gambar</translation>
  </message>
  <message>
   <source>Save (Ctrl+S)</source>
   <translation>Simpan (Ctrl+S)</translation>
  </message>
  <message>
   <source>Saving…</source>
   <translation>Menyimpan…</translation>
  </message>
  <message>
   <source>Sent under this file; without one the text of the reply is</source>
   <translation>Dikirim di bawah berkas ini; jika kosong, teks balasan yang dipakai</translation>
  </message>
  <message>
   <source>Turn left (L)</source>
   <translation>Putar ke kiri (L)</translation>
  </message>
  <message>
   <source>Turn right (R)</source>
   <translation>Putar ke kanan (R)</translation>
  </message>
  <message>
   <source>Undo (Ctrl+Z)</source>
   <translation>Urungkan (Ctrl+Z)</translation>
  </message>
  <message>
   <source>Your changes are not saved.</source>
   <translation>Perubahan Anda belum disimpan.</translation>
  </message>
  <message>
   <source>file</source>
   <translation>berkas</translation>
  </message>
 </context>
 <context>
  <name>calendar</name>
  <message>
   <source>Choose</source>
   <translation>Pilih</translation>
  </message>
  <message>
   <source>Month after</source>
   <translation>Bulan berikutnya</translation>
  </message>
  <message>
   <source>Month before</source>
   <translation>Bulan sebelumnya</translation>
  </message>
  <message>
   <source>Time</source>
   <translation>Jam</translation>
  </message>
 </context>
 <context>
  <name>chooser</name>
  <message>
   <source>Nothing has this name</source>
   <translation>Tidak ada yang bernama begitu</translation>
  </message>
  <message>
   <source>chosen</source>
   <translation>terpilih</translation>
  </message>
 </context>
 <context>
  <name>company</name>
  <message numerus="yes">
   <source>%n colleague(s) are typing…</source>
   <translation>
    <numerusform>%n rekan sedang mengetik…</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n colleague(s) are viewing</source>
   <translation>
    <numerusform>%n rekan sedang melihat</numerusform>
   </translation>
  </message>
  <message>
   <source>typing…</source>
   <translation>mengetik…</translation>
  </message>
  <message>
   <source>viewing</source>
   <translation>melihat</translation>
  </message>
  <message>
   <source>{name} and {other} are viewing</source>
   <translation>{name} dan {other} sedang melihat</translation>
  </message>
  <message>
   <source>{name} is typing…</source>
   <translation>{name} sedang mengetik…</translation>
  </message>
  <message>
   <source>{name} is viewing</source>
   <translation>{name} sedang melihat</translation>
  </message>
 </context>
 <context>
  <name>completeness</name>
  <message>
   <source>Compared with Twilio's own list of messages, all the time</source>
   <translation>Terus dibandingkan dengan daftar pesan milik Twilio</translation>
  </message>
  <message>
   <source>Everything up to {time} is here</source>
   <translation>Semua sampai {time} ada di sini</translation>
  </message>
  <message>
   <source>Everything up to {time} is here; newer cannot be checked now</source>
   <translation>Semua sampai {time} ada di sini; yang lebih baru belum bisa diperiksa</translation>
  </message>
  <message>
   <source>Everything up to {time} is here; newer is not checked yet</source>
   <translation>Semua sampai {time} ada di sini; yang lebih baru belum diperiksa</translation>
  </message>
  <message>
   <source>Offline. Everything up to {time} is here</source>
   <translation>Luring. Semua sampai {time} ada di sini</translation>
  </message>
 </context>
 <context>
  <name>composer</name>
  <message numerus="yes">
   <source>%n character(s) are too many to paste here. Send the text as a file instead.</source>
   <translation>
    <numerusform>%n karakter terlalu banyak untuk ditempel di sini. Kirim teksnya sebagai berkas.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n file(s)</source>
   <translation>
    <numerusform>%n berkas</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n more character(s) fit into this part.</source>
   <translation>
    <numerusform>Masih muat %n karakter lagi di bagian ini.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n value(s) not filled in. Type over it; Enter sends it all the same.</source>
   <translation>
    <numerusform>%n nilai belum diisi. Ketik menggantikannya; Enter tetap mengirimnya.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n value(s) to fill in</source>
   <translation>
    <numerusform>%n nilai perlu diisi</numerusform>
   </translation>
  </message>
  <message>
   <source>/ Canned replies</source>
   <translation>/ Balasan cepat</translation>
  </message>
  <message>
   <source>A colleague and the customer wrote meanwhile</source>
   <translation>Rekan dan pelanggan menulis sementara itu</translation>
  </message>
  <message>
   <source>A file is not attached: try it again, or remove it.</source>
   <translation>Ada berkas yang gagal dilampirkan: coba lagi, atau hapus.</translation>
  </message>
  <message>
   <source>Add note</source>
   <translation>Simpan catatan</translation>
  </message>
  <message>
   <source>Add note ({keys})</source>
   <translation>Simpan catatan ({keys})</translation>
  </message>
  <message>
   <source>Administrator</source>
   <translation>Administrator</translation>
  </message>
  <message>
   <source>Attach files</source>
   <translation>Lampirkan berkas</translation>
  </message>
  <message>
   <source>Attach files (Ctrl+Shift+A)</source>
   <translation>Lampirkan berkas (Ctrl+Shift+A)</translation>
  </message>
  <message>
   <source>Attach {name} again</source>
   <translation>Lampirkan {name} lagi</translation>
  </message>
  <message>
   <source>Back to the text (Esc)</source>
   <translation>Kembali ke teks (Esc)</translation>
  </message>
  <message>
   <source>Being downloaded</source>
   <translation>Sedang diunduh</translation>
  </message>
  <message>
   <source>Being prepared</source>
   <translation>Sedang disiapkan</translation>
  </message>
  <message>
   <source>Cancel {name}</source>
   <translation>Batalkan {name}</translation>
  </message>
  <message>
   <source>Canned replies</source>
   <translation>Balasan cepat</translation>
  </message>
  <message>
   <source>Canned replies (Ctrl+/)</source>
   <translation>Balasan cepat (Ctrl+/)</translation>
  </message>
  <message>
   <source>Do not quote (Esc)</source>
   <translation>Jangan kutip (Esc)</translation>
  </message>
  <message>
   <source>Edit: black out, crop, rename, caption (Enter)
Move: drag, or Alt and an arrow</source>
   <translation>Sunting: tutup hitam, potong, ganti nama, keterangan (Enter)
Pindah: seret, atau Alt dan panah</translation>
  </message>
  <message>
   <source>Emoji (Ctrl+Shift+E)</source>
   <translation>Emoji (Ctrl+Shift+E)</translation>
  </message>
  <message>
   <source>Internal note</source>
   <translation>Catatan internal</translation>
  </message>
  <message>
   <source>Internal note: only the team sees it (N)</source>
   <translation>Catatan internal: hanya tim yang melihat (N)</translation>
  </message>
  <message>
   <source>It has left already and cannot be undone.</source>
   <translation>Sudah terkirim dan tidak dapat ditarik.</translation>
  </message>
  <message>
   <source>Leaves as soon as its files are ready. Esc stops it.</source>
   <translation>Terkirim begitu berkasnya siap. Esc membatalkan.</translation>
  </message>
  <message>
   <source>Mention</source>
   <translation>Sebut</translation>
  </message>
  <message>
   <source>Mention a colleague (@)</source>
   <translation>Sebut rekan (@)</translation>
  </message>
  <message>
   <source>More than 24 hours since the customer wrote</source>
   <translation>Lebih dari 24 jam sejak pelanggan menulis</translation>
  </message>
  <message>
   <source>Nobody else works here yet.</source>
   <translation>Belum ada orang lain di sini.</translation>
  </message>
  <message>
   <source>Not attached</source>
   <translation>Tidak terlampir</translation>
  </message>
  <message>
   <source>Not on this computer: attach again</source>
   <translation>Tidak ada di komputer ini: lampirkan lagi</translation>
  </message>
  <message>
   <source>Not on this computer: {names}. Attach again.</source>
   <translation>Tidak ada di komputer ini: {names}. Lampirkan lagi.</translation>
  </message>
  <message>
   <source>Not on this computer: {names}. Attach again; Enter once more sends without.</source>
   <translation>Tidak ada di komputer ini: {names}. Lampirkan lagi; Enter sekali lagi mengirim tanpanya.</translation>
  </message>
  <message>
   <source>Only the team sees this. @ mentions a colleague.</source>
   <translation>Hanya tim yang melihat ini. @ menyebut rekan.</translation>
  </message>
  <message>
   <source>Only your team sees the quote</source>
   <translation>Hanya tim Anda yang melihat kutipan</translation>
  </message>
  <message>
   <source>Quoting {name}: {text}</source>
   <translation>Mengutip {name}: {text}</translation>
  </message>
  <message>
   <source>Record a voice message (Ctrl+Shift+R)</source>
   <translation>Rekam pesan suara (Ctrl+Shift+R)</translation>
  </message>
  <message>
   <source>Remove {name}</source>
   <translation>Hapus {name}</translation>
  </message>
  <message>
   <source>Reply</source>
   <translation>Balas</translation>
  </message>
  <message>
   <source>Reply (R)</source>
   <translation>Balas (R)</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Kirim</translation>
  </message>
  <message>
   <source>Send ({keys})</source>
   <translation>Kirim ({keys})</translation>
  </message>
  <message>
   <source>Send a template (Ctrl+Shift+T)</source>
   <translation>Kirim templat (Ctrl+Shift+T)</translation>
  </message>
  <message>
   <source>Send anyway (Enter)</source>
   <translation>Tetap kirim (Enter)</translation>
  </message>
  <message>
   <source>Sent to {name}.</source>
   <translation>Terkirim ke {name}.</translation>
  </message>
  <message>
   <source>Sent.</source>
   <translation>Terkirim.</translation>
  </message>
  <message>
   <source>Supervisor</source>
   <translation>Penyelia</translation>
  </message>
  <message>
   <source>Template</source>
   <translation>Templat</translation>
  </message>
  <message>
   <source>The customer has not written yet</source>
   <translation>Pelanggan belum pernah menulis</translation>
  </message>
  <message>
   <source>The reply to {name} has not left: its files were not ready.</source>
   <translation>Balasan untuk {name} belum terkirim: berkasnya belum siap.</translation>
  </message>
  <message>
   <source>The reply to {name} is a draft again.</source>
   <translation>Balasan untuk {name} kembali menjadi draf.</translation>
  </message>
  <message>
   <source>The template to {name} was not sent.</source>
   <translation>Templat untuk {name} tidak dikirim.</translation>
  </message>
  <message>
   <source>The text is too long: at most {most} characters.</source>
   <translation>Teks terlalu panjang: paling banyak {most} karakter.</translation>
  </message>
  <message>
   <source>The voice note to {name} is not kept yet. Open the conversation to try again.</source>
   <translation>Pesan suara untuk {name} belum tersimpan. Buka percakapannya untuk mencoba lagi.</translation>
  </message>
  <message>
   <source>There are no canned replies yet.</source>
   <translation>Belum ada balasan cepat.</translation>
  </message>
  <message>
   <source>To {name}: waits for the network.</source>
   <translation>Kepada {name}: menunggu jaringan.</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Coba lagi</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Urungkan</translation>
  </message>
  <message>
   <source>Waits for the network</source>
   <translation>Menunggu jaringan</translation>
  </message>
  <message>
   <source>Waits for the network.</source>
   <translation>Menunggu jaringan.</translation>
  </message>
  <message>
   <source>WhatsApp takes only approved templates until the customer writes again.</source>
   <translation>WhatsApp hanya menerima templat yang disetujui sampai pelanggan menulis lagi.</translation>
  </message>
  <message>
   <source>WhatsApp takes only approved templates until the customer writes.</source>
   <translation>WhatsApp hanya menerima templat yang disetujui sampai pelanggan menulis.</translation>
  </message>
  <message>
   <source>Write to {name}</source>
   <translation>Tulis ke {name}</translation>
  </message>
  <message>
   <source>Your draft is kept.</source>
   <translation>Draf Anda tetap tersimpan.</translation>
  </message>
  <message numerus="yes">
   <source>and %n earlier</source>
   <translation>
    <numerusform>dan %n sebelumnya</numerusform>
   </translation>
  </message>
  <message>
   <source>screenshot</source>
   <translation>tangkapan layar</translation>
  </message>
  <message>
   <source>{length} / {most} · {count} SMS</source>
   <translation>{length} / {most} · {count} SMS</translation>
  </message>
  <message>
   <source>{name} could not be read.</source>
   <translation>{name} tidak dapat dibaca.</translation>
  </message>
  <message>
   <source>{name} replied while you were writing</source>
   <translation>{name} membalas selagi Anda menulis</translation>
  </message>
  <message>
   <source>{name} was attached on another computer, or this program does not have all of it.
Choose it again (Enter), or remove it (Delete).</source>
   <translation>{name} dilampirkan di komputer lain, atau program ini tidak punya seluruhnya.
Pilih lagi (Enter), atau buang (Delete).</translation>
  </message>
  <message>
   <source>{name} wrote while you were writing</source>
   <translation>{name} menulis selagi Anda menulis</translation>
  </message>
  <message>
   <source>{seconds} s</source>
   <translation>{seconds} dtk</translation>
  </message>
  <message>
   <source>“{culprit}” makes every part 70 characters short.</source>
   <translation>“{culprit}” membuat setiap bagian hanya 70 karakter.</translation>
  </message>
 </context>
 <context>
  <name>contact</name>
  <message numerus="yes">
   <source>%n conversation(s) become one with the other's</source>
   <translation>
    <numerusform>%n percakapan disatukan dengan percakapan kontak satunya</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n conversation(s) move</source>
   <translation>
    <numerusform>%n percakapan pindah</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n number(s) move</source>
   <translation>
    <numerusform>%n nomor pindah</numerusform>
   </translation>
  </message>
  <message>
   <source>+ add</source>
   <translation>+ tambah</translation>
  </message>
  <message>
   <source>+ attribute</source>
   <translation>+ atribut</translation>
  </message>
  <message>
   <source>+ number</source>
   <translation>+ nomor</translation>
  </message>
  <message>
   <source>+62 812 3456 7890</source>
   <translation>+62 812 3456 7890</translation>
  </message>
  <message>
   <source>A later merge of this contact stands. Undo that one first.</source>
   <translation>Ada penggabungan yang lebih baru pada kontak ini. Batalkan yang itu dulu.</translation>
  </message>
  <message>
   <source>A name has at most 60 characters and a value 1,000; a contact has at most 50 attributes.</source>
   <translation>Nama paling panjang 60 karakter dan isinya 1.000; satu kontak paling banyak 50 atribut.</translation>
  </message>
  <message>
   <source>A table, for spreadsheets (*.csv)</source>
   <translation>Tabel, untuk lembar kerja (*.csv)</translation>
  </message>
  <message>
   <source>Add a number of this contact</source>
   <translation>Tambahkan nomor kontak ini</translation>
  </message>
  <message>
   <source>Asked for. Nothing more is sent to them.</source>
   <translation>Sudah diminta. Tidak ada lagi yang dikirim kepadanya.</translation>
  </message>
  <message>
   <source>Asking again is harmless.</source>
   <translation>Meminta sekali lagi tidak berbahaya.</translation>
  </message>
  <message>
   <source>Assigned to</source>
   <translation>Ditangani</translation>
  </message>
  <message>
   <source>Attributes</source>
   <translation>Atribut</translation>
  </message>
  <message>
   <source>Being erased, here, in the storage and at Twilio…</source>
   <translation>Sedang dihapus, di sini, di penyimpanan, dan di Twilio…</translation>
  </message>
  <message>
   <source>Block</source>
   <translation>Blokir</translation>
  </message>
  <message>
   <source>Block {name}?</source>
   <translation>Blokir {name}?</translation>
  </message>
  <message>
   <source>Blocked</source>
   <translation>Diblokir</translation>
  </message>
  <message>
   <source>Block…</source>
   <translation>Blokir…</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Channel</source>
   <translation>Kanal</translation>
  </message>
  <message>
   <source>Choose the customer's language</source>
   <translation>Pilih bahasa pelanggan</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Tutup</translation>
  </message>
  <message>
   <source>Contact</source>
   <translation>Kontak</translation>
  </message>
  <message>
   <source>Conversations</source>
   <translation>Percakapan</translation>
  </message>
  <message>
   <source>Counting what it reaches…</source>
   <translation>Menghitung apa saja yang terkena…</translation>
  </message>
  <message>
   <source>Ctrl+Enter puts yours in its place, Esc takes theirs.</source>
   <translation>Ctrl+Enter memakai tulisan Anda, Esc memakai tulisannya.</translation>
  </message>
  <message>
   <source>Ctrl+Enter saves, Esc takes it back</source>
   <translation>Ctrl+Enter menyimpan, Esc membatalkan</translation>
  </message>
  <message>
   <source>Ctrl+Enter tries again, Esc takes it back.</source>
   <translation>Ctrl+Enter mencoba lagi, Esc membatalkan.</translation>
  </message>
  <message>
   <source>Each has their own conversations again.</source>
   <translation>Masing-masing memiliki percakapannya sendiri lagi.</translation>
  </message>
  <message>
   <source>Enter puts yours in its place, Esc takes theirs.</source>
   <translation>Enter memakai tulisan Anda, Esc memakai tulisannya.</translation>
  </message>
  <message>
   <source>Enter tries again, Esc takes it back.</source>
   <translation>Enter mencoba lagi, Esc membatalkan.</translation>
  </message>
  <message>
   <source>Erase for good</source>
   <translation>Hapus selamanya</translation>
  </message>
  <message>
   <source>Erase for good…</source>
   <translation>Hapus selamanya…</translation>
  </message>
  <message>
   <source>Erase {name} for good?</source>
   <translation>Hapus {name} selamanya?</translation>
  </message>
  <message>
   <source>Every conversation, message, note and file goes: from the project, from Twilio and from every colleague's computer. It cannot be undone.</source>
   <translation>Semua percakapan, pesan, catatan, dan berkas hilang: dari proyek, dari Twilio, dan dari komputer semua rekan. Ini tidak dapat dibatalkan.</translation>
  </message>
  <message>
   <source>Everything is erased.</source>
   <translation>Semuanya sudah dihapus.</translation>
  </message>
  <message>
   <source>Everything, for programs (*.json)</source>
   <translation>Semuanya, untuk program lain (*.json)</translation>
  </message>
  <message>
   <source>Files</source>
   <translation>Berkas</translation>
  </message>
  <message>
   <source>Known since</source>
   <translation>Dikenal sejak</translation>
  </message>
  <message>
   <source>Labels</source>
   <translation>Label</translation>
  </message>
  <message>
   <source>Labels (L)</source>
   <translation>Label (L)</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Bahasa</translation>
  </message>
  <message>
   <source>Last wrote</source>
   <translation>Terakhir menulis</translation>
  </message>
  <message>
   <source>Local time</source>
   <translation>Waktu lokal</translation>
  </message>
  <message>
   <source>Meanwhile somebody else emptied this.</source>
   <translation>Sementara itu orang lain mengosongkan ini.</translation>
  </message>
  <message>
   <source>Meanwhile somebody else wrote: “{text}”</source>
   <translation>Sementara itu orang lain menulis: “{text}”</translation>
  </message>
  <message>
   <source>Merge</source>
   <translation>Gabungkan</translation>
  </message>
  <message>
   <source>Merge two contacts</source>
   <translation>Gabungkan dua kontak</translation>
  </message>
  <message>
   <source>Merge with…</source>
   <translation>Gabungkan dengan…</translation>
  </message>
  <message>
   <source>Messages, files and deliveries of a conversation: an administrator makes a case file of them with “balas case-file”.</source>
   <translation>Pesan, berkas, dan riwayat pengiriman sebuah percakapan: administrator membuat berkas kasusnya dengan “balas case-file”.</translation>
  </message>
  <message>
   <source>More</source>
   <translation>Lainnya</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Nama</translation>
  </message>
  <message>
   <source>Name of the attribute</source>
   <translation>Nama atribut</translation>
  </message>
  <message>
   <source>Name or number</source>
   <translation>Nama atau nomor</translation>
  </message>
  <message>
   <source>New conversation</source>
   <translation>Percakapan baru</translation>
  </message>
  <message>
   <source>New conversation…</source>
   <translation>Percakapan baru…</translation>
  </message>
  <message>
   <source>New number</source>
   <translation>Nomor baru</translation>
  </message>
  <message>
   <source>No file is on this computer yet.</source>
   <translation>Belum ada berkas di komputer ini.</translation>
  </message>
  <message>
   <source>No name</source>
   <translation>Tanpa nama</translation>
  </message>
  <message>
   <source>Nobody can write to them, and nothing answers by itself. What they write is kept. You can unblock them at any time.</source>
   <translation>Tidak ada yang dapat menulis kepadanya, dan tidak ada jawaban otomatis. Yang ia tulis tetap disimpan. Blokirnya dapat dibuka kapan saja.</translation>
  </message>
  <message>
   <source>None was found on this computer.</source>
   <translation>Tidak ditemukan di komputer ini.</translation>
  </message>
  <message>
   <source>Not everything could be erased. Ask again in a while: it goes on from here.</source>
   <translation>Belum semuanya dapat dihapus. Minta lagi nanti: penghapusan dilanjutkan dari sini.</translation>
  </message>
  <message>
   <source>Not saved</source>
   <translation>Tidak tersimpan</translation>
  </message>
  <message>
   <source>Not saved: somebody else changed this meanwhile</source>
   <translation>Tidak disimpan: orang lain baru saja mengubah ini</translation>
  </message>
  <message>
   <source>Note something else about this contact</source>
   <translation>Catat hal lain tentang kontak ini</translation>
  </message>
  <message>
   <source>Notes</source>
   <translation>Catatan</translation>
  </message>
  <message>
   <source>Notes about this contact</source>
   <translation>Catatan tentang kontak ini</translation>
  </message>
  <message>
   <source>Number of the receipt</source>
   <translation>Nomor tanda terima</translation>
  </message>
  <message>
   <source>Numbers</source>
   <translation>Nomor</translation>
  </message>
  <message>
   <source>Open this conversation</source>
   <translation>Buka percakapan ini</translation>
  </message>
  <message>
   <source>Other conversations</source>
   <translation>Percakapan lain</translation>
  </message>
  <message>
   <source>Pictures</source>
   <translation>Gambar</translation>
  </message>
  <message>
   <source>Put mine in its place</source>
   <translation>Ganti dengan punya saya</translation>
  </message>
  <message>
   <source>Reading…</source>
   <translation>Membaca…</translation>
  </message>
  <message>
   <source>Receipt</source>
   <translation>Tanda terima</translation>
  </message>
  <message>
   <source>Remove the number {number}</source>
   <translation>Lepas nomor {number}</translation>
  </message>
  <message>
   <source>Remove this number</source>
   <translation>Lepas nomor ini</translation>
  </message>
  <message>
   <source>Save this contact</source>
   <translation>Simpan kontak ini</translation>
  </message>
  <message>
   <source>Save to a file…</source>
   <translation>Simpan ke berkas…</translation>
  </message>
  <message>
   <source>Saved as {name}</source>
   <translation>Disimpan sebagai {name}</translation>
  </message>
  <message>
   <source>Shared media</source>
   <translation>Media bersama</translation>
  </message>
  <message>
   <source>Shared pictures</source>
   <translation>Gambar bersama</translation>
  </message>
  <message>
   <source>Shared with {name}</source>
   <translation>Dibagikan dengan {name}</translation>
  </message>
  <message>
   <source>Show all</source>
   <translation>Lihat semua</translation>
  </message>
  <message>
   <source>Somebody else changed this meanwhile; theirs is shown now.</source>
   <translation>Orang lain baru saja mengubah ini; yang tampil sekarang adalah versinya.</translation>
  </message>
  <message>
   <source>Somebody else is changing this contact. Try again.</source>
   <translation>Orang lain sedang mengubah kontak ini. Coba lagi.</translation>
  </message>
  <message>
   <source>Status</source>
   <translation>Status</translation>
  </message>
  <message>
   <source>That did not go</source>
   <translation>Itu tidak berhasil</translation>
  </message>
  <message>
   <source>The customer's language</source>
   <translation>Bahasa pelanggan</translation>
  </message>
  <message>
   <source>The merge is undone</source>
   <translation>Penggabungan dibatalkan</translation>
  </message>
  <message>
   <source>The name is longer than 200 characters.</source>
   <translation>Nama lebih panjang dari 200 karakter.</translation>
  </message>
  <message>
   <source>The other way round</source>
   <translation>Tukar arahnya</translation>
  </message>
  <message>
   <source>The text is too long. Shorten it.</source>
   <translation>Teks terlalu panjang. Persingkat.</translation>
  </message>
  <message>
   <source>There is no merge to undo</source>
   <translation>Tidak ada penggabungan untuk dibatalkan</translation>
  </message>
  <message>
   <source>They may be merged already; trying again does it only once.</source>
   <translation>Mungkin keduanya sudah tergabung; mencoba lagi hanya melakukannya satu kali.</translation>
  </message>
  <message>
   <source>This contact has no number on this channel. Add one first.</source>
   <translation>Kontak ini tidak punya nomor di saluran ini. Tambahkan dulu.</translation>
  </message>
  <message>
   <source>This contact is not there any more, or not in your inboxes.</source>
   <translation>Kontak ini sudah tidak ada, atau tidak di kotak masuk Anda.</translation>
  </message>
  <message>
   <source>This contact was merged into another one. Look for that one.</source>
   <translation>Kontak ini sudah digabungkan ke kontak lain. Cari kontak itu.</translation>
  </message>
  <message>
   <source>This is no language.</source>
   <translation>Ini bukan bahasa.</translation>
  </message>
  <message>
   <source>This is no number that can be written to. Write it with its country code, for example +62 812 3456 7890.</source>
   <translation>Ini bukan nomor yang dapat dihubungi. Tulis dengan kode negara, misalnya +62 812 3456 7890.</translation>
  </message>
  <message>
   <source>This is what becomes of them:</source>
   <translation>Inilah hasilnya:</translation>
  </message>
  <message>
   <source>This number belongs to another contact. Merge the two instead.</source>
   <translation>Nomor ini milik kontak lain. Gabungkan saja keduanya.</translation>
  </message>
  <message>
   <source>Type “{name}” to confirm</source>
   <translation>Ketik “{name}” untuk memastikan</translation>
  </message>
  <message>
   <source>Unblock</source>
   <translation>Buka blokir</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Urungkan</translation>
  </message>
  <message>
   <source>Undo the last merge</source>
   <translation>Batalkan penggabungan terakhir</translation>
  </message>
  <message>
   <source>Value</source>
   <translation>Isi</translation>
  </message>
  <message>
   <source>Value of the attribute</source>
   <translation>Isi atribut</translation>
  </message>
  <message>
   <source>Waiting since</source>
   <translation>Menunggu sejak</translation>
  </message>
  <message>
   <source>What everybody here should know</source>
   <translation>Yang perlu diketahui semua orang di sini</translation>
  </message>
  <message>
   <source>Who is the same person as {name}?</source>
   <translation>Siapa yang sama orangnya dengan {name}?</translation>
  </message>
  <message>
   <source>Window</source>
   <translation>Jendela</translation>
  </message>
  <message>
   <source>You wrote: “{text}”</source>
   <translation>Anda menulis: “{text}”</translation>
  </message>
  <message>
   <source>Your role or your inboxes do not allow this. Ask a supervisor.</source>
   <translation>Peran atau kotak masuk Anda tidak mengizinkan ini. Minta kepada penyelia.</translation>
  </message>
  <message>
   <source>asked for</source>
   <translation>diminta</translation>
  </message>
  <message>
   <source>both are blocked then</source>
   <translation>keduanya menjadi diblokir</translation>
  </message>
  <message>
   <source>closed</source>
   <translation>tertutup</translation>
  </message>
  <message>
   <source>contacts</source>
   <translation>kontak</translation>
  </message>
  <message>
   <source>conversations</source>
   <translation>percakapan</translation>
  </message>
  <message>
   <source>drafts</source>
   <translation>draf</translation>
  </message>
  <message>
   <source>entries of the audit log</source>
   <translation>entri log audit</translation>
  </message>
  <message>
   <source>files in the storage</source>
   <translation>berkas di penyimpanan</translation>
  </message>
  <message>
   <source>finished</source>
   <translation>selesai</translation>
  </message>
  <message>
   <source>goes into the other one</source>
   <translation>masuk ke kontak satunya</translation>
  </message>
  <message>
   <source>gone from Twilio already</source>
   <translation>sudah tidak ada di Twilio</translation>
  </message>
  <message>
   <source>mentions elsewhere</source>
   <translation>sebutan di tempat lain</translation>
  </message>
  <message>
   <source>messages</source>
   <translation>pesan</translation>
  </message>
  <message>
   <source>messages at Twilio</source>
   <translation>pesan di Twilio</translation>
  </message>
  <message>
   <source>messages with files</source>
   <translation>pesan dengan berkas</translation>
  </message>
  <message>
   <source>nobody yet</source>
   <translation>belum ada</translation>
  </message>
  <message>
   <source>not known</source>
   <translation>belum diketahui</translation>
  </message>
  <message>
   <source>notes</source>
   <translation>catatan</translation>
  </message>
  <message>
   <source>notes and attributes are put together</source>
   <translation>catatan dan atribut disatukan</translation>
  </message>
  <message>
   <source>numbers</source>
   <translation>nomor</translation>
  </message>
  <message>
   <source>open, {time} left</source>
   <translation>terbuka, sisa {time}</translation>
  </message>
  <message>
   <source>opted out · {time}</source>
   <translation>berhenti menerima pesan · {time}</translation>
  </message>
  <message>
   <source>raw requests</source>
   <translation>permintaan mentah</translation>
  </message>
  <message>
   <source>stays</source>
   <translation>tetap</translation>
  </message>
  <message>
   <source>waiting jobs</source>
   <translation>tugas yang menunggu</translation>
  </message>
  <message>
   <source>you can undo it</source>
   <translation>dapat dibatalkan</translation>
  </message>
  <message>
   <source>{name} and {other} are one contact now</source>
   <translation>{name} dan {other} kini satu kontak</translation>
  </message>
  <message>
   <source>{name} is blocked</source>
   <translation>{name} diblokir</translation>
  </message>
  <message>
   <source>{name} is not blocked any more</source>
   <translation>{name} tidak diblokir lagi</translation>
  </message>
  <message>
   <source>{number} was removed</source>
   <translation>{number} dilepas</translation>
  </message>
 </context>
 <context>
  <name>contacts</name>
  <message>
   <source>Arrow keys walk the list, Enter opens the conversation.</source>
   <translation>Tombol panah menelusuri daftar, Enter membuka percakapan.</translation>
  </message>
  <message>
   <source>Back to the list (Esc)</source>
   <translation>Kembali ke daftar (Esc)</translation>
  </message>
  <message>
   <source>Contacts</source>
   <translation>Kontak</translation>
  </message>
  <message>
   <source>Esc</source>
   <translation>Esc</translation>
  </message>
  <message>
   <source>Fewer letters find more; numbers are found, too.</source>
   <translation>Huruf lebih sedikit menemukan lebih banyak; nomor juga dapat dicari.</translation>
  </message>
  <message>
   <source>Many at once: an administrator takes them in with “balas contacts import FILE” and out with “balas contacts export FILE”.</source>
   <translation>Banyak sekaligus: administrator memasukkannya dengan “balas contacts import BERKAS” dan mengeluarkannya dengan “balas contacts export BERKAS”.</translation>
  </message>
  <message>
   <source>New conversation</source>
   <translation>Percakapan baru</translation>
  </message>
  <message>
   <source>New conversation (Ctrl+N)</source>
   <translation>Percakapan baru (Ctrl+N)</translation>
  </message>
  <message>
   <source>Nobody has this name</source>
   <translation>Tidak ada yang bernama ini</translation>
  </message>
  <message>
   <source>Nobody has this number</source>
   <translation>Tidak ada yang bernomor ini</translation>
  </message>
  <message>
   <source>Nobody is chosen</source>
   <translation>Belum ada yang dipilih</translation>
  </message>
  <message>
   <source>Nobody is known yet</source>
   <translation>Belum ada kontak</translation>
  </message>
  <message>
   <source>Search by name or number</source>
   <translation>Cari nama atau nomor</translation>
  </message>
  <message>
   <source>Whoever writes to you stands here by themselves.</source>
   <translation>Siapa pun yang menulis kepada Anda muncul di sini dengan sendirinya.</translation>
  </message>
  <message>
   <source>Write to this number</source>
   <translation>Tulis ke nomor ini</translation>
  </message>
  <message>
   <source>You can be the first to write.</source>
   <translation>Anda dapat menulis lebih dulu.</translation>
  </message>
 </context>
 <context>
  <name>emoji</name>
  <message>
   <source>Activities</source>
   <translation>Kegiatan</translation>
  </message>
  <message>
   <source>Animals and nature</source>
   <translation>Hewan dan alam</translation>
  </message>
  <message>
   <source>Emoji</source>
   <translation>Emoji</translation>
  </message>
  <message>
   <source>Enter takes one, Shift+Enter takes several</source>
   <translation>Enter ambil satu, Shift+Enter beberapa</translation>
  </message>
  <message>
   <source>Flags</source>
   <translation>Bendera</translation>
  </message>
  <message>
   <source>Food and drink</source>
   <translation>Makanan dan minuman</translation>
  </message>
  <message>
   <source>Nothing has this name</source>
   <translation>Tidak ada yang bernama begitu</translation>
  </message>
  <message>
   <source>Objects</source>
   <translation>Benda</translation>
  </message>
  <message>
   <source>People</source>
   <translation>Orang</translation>
  </message>
  <message>
   <source>Recently used</source>
   <translation>Baru dipakai</translation>
  </message>
  <message>
   <source>Search emoji</source>
   <translation>Cari emoji</translation>
  </message>
  <message>
   <source>Search: thanks, parcel, terima kasih…</source>
   <translation>Cari: terima kasih, paket, thanks…</translation>
  </message>
  <message>
   <source>Smileys</source>
   <translation>Wajah</translation>
  </message>
  <message>
   <source>Symbols</source>
   <translation>Simbol</translation>
  </message>
  <message>
   <source>Travel and places</source>
   <translation>Perjalanan dan tempat</translation>
  </message>
 </context>
 <context>
  <name>errors</name>
  <message>
   <source>A colleague has this conversation</source>
   <translation>Percakapan ini sudah dipegang rekan</translation>
  </message>
  <message>
   <source>A file of this reply was damaged on this machine's disk. Attach it again.</source>
   <translation>Berkas balasan ini rusak di disk mesin ini. Lampirkan lagi.</translation>
  </message>
  <message>
   <source>A function that this version needs is not there.</source>
   <translation>Fungsi yang diperlukan versi ini tidak ada.</translation>
  </message>
  <message>
   <source>An address that begins with http:// lets everyone on the way read along.</source>
   <translation>Alamat yang diawali http:// bisa dibaca siapa pun di jalan.</translation>
  </message>
  <message>
   <source>Another window of this program uses the same account.</source>
   <translation>Jendela lain dari program ini memakai akun yang sama.</translation>
  </message>
  <message>
   <source>Ask again: nothing is erased twice.</source>
   <translation>Minta sekali lagi: tidak ada yang dihapus dua kali.</translation>
  </message>
  <message>
   <source>Ask again: the message is sent once only.</source>
   <translation>Minta sekali lagi: pesan hanya dikirim satu kali.</translation>
  </message>
  <message>
   <source>Ask for a new one.</source>
   <translation>Minta yang baru.</translation>
  </message>
  <message>
   <source>Ask your administrator to run: balas migrate</source>
   <translation>Minta administrator Anda menjalankan: balas migrate</translation>
  </message>
  <message>
   <source>Ask your administrator.</source>
   <translation>Tanyakan ke administrator Anda.</translation>
  </message>
  <message>
   <source>Balas is already open</source>
   <translation>Balas sudah terbuka</translation>
  </message>
  <message>
   <source>Balas is not set up in this project yet</source>
   <translation>Balas belum dipasang di proyek ini</translation>
  </message>
  <message>
   <source>By this computer's clock the server's certificate is not valid today.</source>
   <translation>Menurut jam komputer ini, sertifikat server tidak berlaku hari ini.</translation>
  </message>
  <message>
   <source>Check both, or ask for a one-time code.</source>
   <translation>Periksa keduanya, atau minta kode sekali pakai.</translation>
  </message>
  <message>
   <source>Check the address and the network, then try again.</source>
   <translation>Periksa alamat dan jaringan, lalu coba lagi.</translation>
  </message>
  <message>
   <source>Check the address letter by letter, then the network.</source>
   <translation>Periksa alamatnya huruf demi huruf, lalu jaringannya.</translation>
  </message>
  <message>
   <source>Check the address; on a company's network ask who looks after its proxy.</source>
   <translation>Periksa alamatnya; di jaringan kantor, tanyakan pengelola proksinya.</translation>
  </message>
  <message>
   <source>Check the disk and its rights.</source>
   <translation>Periksa disk dan izinnya.</translation>
  </message>
  <message>
   <source>Check the network, then try again.</source>
   <translation>Periksa jaringan, lalu coba lagi.</translation>
  </message>
  <message>
   <source>Check what you typed.</source>
   <translation>Periksa yang Anda ketik.</translation>
  </message>
  <message>
   <source>Choose a longer one.</source>
   <translation>Pilih yang lebih panjang.</translation>
  </message>
  <message>
   <source>Choose another.</source>
   <translation>Pilih yang lain.</translation>
  </message>
  <message>
   <source>Copy it from the project's API settings.</source>
   <translation>Salin dari pengaturan API proyek.</translation>
  </message>
  <message>
   <source>Copy it from the project's settings.</source>
   <translation>Salin dari pengaturan proyek.</translation>
  </message>
  <message>
   <source>Copy the address from the project's settings: https://….supabase.co.</source>
   <translation>Salin alamat dari pengaturan proyek: https://….supabase.co.</translation>
  </message>
  <message>
   <source>Copy the publishable key from the project's API settings again.</source>
   <translation>Salin lagi kunci publik dari pengaturan API proyek.</translation>
  </message>
  <message>
   <source>Decide on those that wait for you, sign out again when the line is back, or choose to keep them.</source>
   <translation>Putuskan balasan yang menunggu Anda, keluar lagi saat jaringan kembali, atau pilih simpan.</translation>
  </message>
  <message>
   <source>Free some space and try again.</source>
   <translation>Kosongkan sedikit ruang lalu coba lagi.</translation>
  </message>
  <message>
   <source>Give the project's address first.</source>
   <translation>Isi dulu alamat proyeknya.</translation>
  </message>
  <message>
   <source>Go on there, or close it first.</source>
   <translation>Lanjutkan di sana, atau tutup dulu.</translation>
  </message>
  <message>
   <source>Go on with a new local store; everything the server has comes back by itself.</source>
   <translation>Lanjutkan dengan penyimpanan baru; semua yang ada di server kembali sendiri.</translation>
  </message>
  <message>
   <source>It begins with sb_publishable_.</source>
   <translation>Kunci ini diawali sb_publishable_.</translation>
  </message>
  <message>
   <source>It has been written down. What you wrote is kept; try once more.</source>
   <translation>Kesalahan ini sudah dicatat. Tulisan Anda tersimpan; coba sekali lagi.</translation>
  </message>
  <message>
   <source>It is another project's, has been withdrawn, or was not copied whole.</source>
   <translation>Kunci ini milik proyek lain, sudah dicabut, atau tidak tersalin utuh.</translation>
  </message>
  <message>
   <source>It is fetched again from its start.</source>
   <translation>Berkas diambil lagi dari awal.</translation>
  </message>
  <message>
   <source>It is more than five minutes away from the server's, so that signing in fails.</source>
   <translation>Selisihnya lebih dari lima menit dari jam server, sehingga tidak bisa masuk.</translation>
  </message>
  <message>
   <source>It is no longer in one of your inboxes.</source>
   <translation>Percakapan ini tidak lagi di kotak masuk Anda.</translation>
  </message>
  <message>
   <source>It is too large.</source>
   <translation>Ukurannya terlalu besar.</translation>
  </message>
  <message>
   <source>It is tried again as soon as the line is back.</source>
   <translation>Dicoba lagi begitu jaringan kembali.</translation>
  </message>
  <message>
   <source>It is tried again by itself.</source>
   <translation>Akan dicoba lagi otomatis.</translation>
  </message>
  <message>
   <source>It is tried again.</source>
   <translation>Akan dicoba lagi.</translation>
  </message>
  <message>
   <source>It looks like https://abcdefgh.supabase.co.</source>
   <translation>Bentuknya seperti https://abcdefgh.supabase.co.</translation>
  </message>
  <message>
   <source>It may be the sign-in page of this network, as hotels and cafés have.</source>
   <translation>Mungkin halaman masuk jaringan ini, seperti di hotel dan kafe.</translation>
  </message>
  <message>
   <source>It took too long.</source>
   <translation>Terlalu lama.</translation>
  </message>
  <message>
   <source>It was reached, but does not answer as it should.</source>
   <translation>Proyek terjangkau, tetapi jawabannya tidak semestinya.</translation>
  </message>
  <message>
   <source>Let the system set date and time by itself, then try again.</source>
   <translation>Biarkan sistem mengatur tanggal dan jam sendiri, lalu coba lagi.</translation>
  </message>
  <message>
   <source>Look at the date and time of this computer; if they are right, tell your administrator that the certificate has run out.</source>
   <translation>Periksa tanggal dan jam komputer ini; jika benar, beri tahu administrator bahwa sertifikatnya kedaluwarsa.</translation>
  </message>
  <message>
   <source>Look at what is there now, and save again if yours is to stand.</source>
   <translation>Lihat isinya sekarang, lalu simpan lagi bila punya Anda yang harus dipakai.</translation>
  </message>
  <message>
   <source>No computer has this name, or this one is not connected to a network.</source>
   <translation>Tidak ada komputer dengan nama ini, atau komputer ini tidak tersambung ke jaringan.</translation>
  </message>
  <message>
   <source>No connection to the server</source>
   <translation>Tidak tersambung ke server</translation>
  </message>
  <message>
   <source>No project is set up</source>
   <translation>Belum ada proyek yang diatur</translation>
  </message>
  <message>
   <source>Nobody is signed in</source>
   <translation>Belum ada yang masuk</translation>
  </message>
  <message>
   <source>Not allowed</source>
   <translation>Tidak diizinkan</translation>
  </message>
  <message>
   <source>Not every reply could be sent</source>
   <translation>Tidak semua balasan bisa dikirim</translation>
  </message>
  <message>
   <source>Not everybody was mentioned</source>
   <translation>Tidak semua orang tersebut</translation>
  </message>
  <message>
   <source>Not possible</source>
   <translation>Tidak bisa</translation>
  </message>
  <message>
   <source>Nothing answers at this address, or a firewall is in the way.</source>
   <translation>Tidak ada yang menjawab di alamat ini, atau terhalang firewall.</translation>
  </message>
  <message>
   <source>Nothing was half written. What you typed is still here.</source>
   <translation>Tidak ada yang tertulis setengah. Ketikan Anda masih di sini.</translation>
  </message>
  <message>
   <source>Nothing was sent. Ask your administrator; do not go on over this network.</source>
   <translation>Tidak ada yang terkirim. Tanyakan ke administrator; jangan lanjut lewat jaringan ini.</translation>
  </message>
  <message>
   <source>Nothing was written over.</source>
   <translation>Tidak ada yang tertimpa.</translation>
  </message>
  <message>
   <source>One-time codes are switched off</source>
   <translation>Kode sekali pakai dimatikan</translation>
  </message>
  <message>
   <source>Only a message that failed can.</source>
   <translation>Hanya pesan yang gagal yang bisa.</translation>
  </message>
  <message>
   <source>Open a browser, sign in to the network there, then try again.</source>
   <translation>Buka peramban, masuk ke jaringan di sana, lalu coba lagi.</translation>
  </message>
  <message>
   <source>Remove the file from the reply, or attach it again.</source>
   <translation>Hapus berkas dari balasan, atau lampirkan lagi.</translation>
  </message>
  <message>
   <source>Restore the file from a backup, or delete it to begin a new store.</source>
   <translation>Pulihkan berkas dari cadangan, atau hapus untuk memulai penyimpanan baru.</translation>
  </message>
  <message>
   <source>Sign in again. What you wrote is kept.</source>
   <translation>Masuk lagi. Tulisan Anda tetap tersimpan.</translation>
  </message>
  <message>
   <source>Sign in first.</source>
   <translation>Masuk dulu.</translation>
  </message>
  <message>
   <source>Sign out again in a moment.</source>
   <translation>Coba keluar lagi sebentar lagi.</translation>
  </message>
  <message>
   <source>Signing in did not work</source>
   <translation>Tidak berhasil masuk</translation>
  </message>
  <message>
   <source>Somebody else changed this meanwhile</source>
   <translation>Orang lain baru saja mengubah ini</translation>
  </message>
  <message>
   <source>Something answers there, but it is not a project.</source>
   <translation>Ada yang menjawab di sana, tetapi bukan proyek.</translation>
  </message>
  <message>
   <source>Something else answers in its place, perhaps a sign-in page of this network.</source>
   <translation>Yang menjawab bukan server, mungkin halaman masuk jaringan ini.</translation>
  </message>
  <message>
   <source>Something else answers in the project's place</source>
   <translation>Yang menjawab bukan proyeknya</translation>
  </message>
  <message>
   <source>Something went wrong in Balas</source>
   <translation>Ada yang salah di Balas</translation>
  </message>
  <message>
   <source>Start again and give the passphrase.</source>
   <translation>Mulai lagi dan isi frasa sandinya.</translation>
  </message>
  <message>
   <source>Start again; the damaged file is then set aside and filled anew.</source>
   <translation>Mulai lagi; berkas yang rusak disisihkan dan diisi ulang.</translation>
  </message>
  <message>
   <source>Still connecting</source>
   <translation>Masih menyambung</translation>
  </message>
  <message>
   <source>Supabase puts a project to sleep that nobody used for a while.</source>
   <translation>Supabase menidurkan proyek yang lama tidak dipakai.</translation>
  </message>
  <message>
   <source>That is not the passphrase.</source>
   <translation>Frasa sandi itu salah.</translation>
  </message>
  <message>
   <source>The answer does not say what became of it.</source>
   <translation>Jawabannya tidak menyebut hasilnya.</translation>
  </message>
  <message>
   <source>The answer is not what this program understands.</source>
   <translation>Jawabannya tidak dipahami program ini.</translation>
  </message>
  <message>
   <source>The code is wrong or too old</source>
   <translation>Kode salah atau sudah kedaluwarsa</translation>
  </message>
  <message>
   <source>The connection is not safe</source>
   <translation>Sambungan tidak aman</translation>
  </message>
  <message>
   <source>The connection would not be encrypted</source>
   <translation>Sambungannya tidak akan terenkripsi</translation>
  </message>
  <message>
   <source>The conversation is gone</source>
   <translation>Percakapan sudah tidak ada</translation>
  </message>
  <message>
   <source>The disk is full</source>
   <translation>Disk penuh</translation>
  </message>
  <message>
   <source>The e-mail or the password is wrong</source>
   <translation>Email atau kata sandi salah</translation>
  </message>
  <message>
   <source>The file cannot be read</source>
   <translation>Berkas tidak dapat dibaca</translation>
  </message>
  <message>
   <source>The file changed</source>
   <translation>Berkasnya berubah</translation>
  </message>
  <message>
   <source>The file is gone</source>
   <translation>Berkasnya sudah tidak ada</translation>
  </message>
  <message>
   <source>The file is too large</source>
   <translation>Berkas terlalu besar</translation>
  </message>
  <message>
   <source>The file's type is refused</source>
   <translation>Jenis berkas ditolak</translation>
  </message>
  <message>
   <source>The key of the local store lies in it.</source>
   <translation>Kunci penyimpanan lokal ada di dalamnya.</translation>
  </message>
  <message>
   <source>The line broke</source>
   <translation>Sambungan terputus</translation>
  </message>
  <message>
   <source>The local store cannot be used</source>
   <translation>Penyimpanan lokal tidak dapat dipakai</translation>
  </message>
  <message>
   <source>The local store could not be opened</source>
   <translation>Penyimpanan lokal tidak dapat dibuka</translation>
  </message>
  <message>
   <source>The local store is damaged</source>
   <translation>Penyimpanan lokal rusak</translation>
  </message>
  <message>
   <source>The local store stays locked</source>
   <translation>Penyimpanan lokal tetap terkunci</translation>
  </message>
  <message>
   <source>The new password is the old one</source>
   <translation>Kata sandi baru sama dengan yang lama</translation>
  </message>
  <message>
   <source>The new password is too weak</source>
   <translation>Kata sandi baru terlalu lemah</translation>
  </message>
  <message>
   <source>The passphrase is too short.</source>
   <translation>Frasa sandinya terlalu pendek.</translation>
  </message>
  <message>
   <source>The passphrase's file is damaged</source>
   <translation>Berkas frasa sandi rusak</translation>
  </message>
  <message>
   <source>The program is still connecting.</source>
   <translation>Program masih menyambung.</translation>
  </message>
  <message>
   <source>The project cannot be reached</source>
   <translation>Proyek tidak terjangkau</translation>
  </message>
  <message>
   <source>The project does not answer</source>
   <translation>Proyek tidak menjawab</translation>
  </message>
  <message>
   <source>The project does not know this key</source>
   <translation>Proyek tidak mengenal kunci ini</translation>
  </message>
  <message>
   <source>The project has trouble</source>
   <translation>Proyek bermasalah</translation>
  </message>
  <message>
   <source>The project is paused</source>
   <translation>Proyek sedang dijeda</translation>
  </message>
  <message>
   <source>The project is there, but its database does not have Balas's tables.</source>
   <translation>Proyeknya ada, tetapi basis datanya belum punya tabel Balas.</translation>
  </message>
  <message>
   <source>The project was reached, but its database does not answer.</source>
   <translation>Proyek terjangkau, tetapi basis datanya tidak menjawab.</translation>
  </message>
  <message>
   <source>The project's database does not fit this program</source>
   <translation>Basis data proyek tidak cocok dengan program ini</translation>
  </message>
  <message>
   <source>The project's database has trouble</source>
   <translation>Basis data proyek bermasalah</translation>
  </message>
  <message>
   <source>The publishable key is missing</source>
   <translation>Kunci publik belum diisi</translation>
  </message>
  <message>
   <source>The rest of the file is fetched later.</source>
   <translation>Sisa berkas diambil nanti.</translation>
  </message>
  <message>
   <source>The server did not accept this</source>
   <translation>Server tidak menerima ini</translation>
  </message>
  <message>
   <source>The server did not answer with a receipt</source>
   <translation>Server tidak menjawab dengan tanda terima</translation>
  </message>
  <message>
   <source>The server did not answer with the conversation</source>
   <translation>Server tidak menjawab dengan percakapannya</translation>
  </message>
  <message>
   <source>The server did not understand this</source>
   <translation>Server tidak memahami ini</translation>
  </message>
  <message>
   <source>The server does not answer.</source>
   <translation>Server tidak menjawab.</translation>
  </message>
  <message>
   <source>The server has trouble</source>
   <translation>Server sedang bermasalah</translation>
  </message>
  <message>
   <source>The server no longer has this file.</source>
   <translation>Server tidak lagi memiliki berkas ini.</translation>
  </message>
  <message>
   <source>The server refuses its size.</source>
   <translation>Server menolak ukurannya.</translation>
  </message>
  <message>
   <source>The server refuses this file</source>
   <translation>Server menolak berkas ini</translation>
  </message>
  <message>
   <source>The server takes too long to answer.</source>
   <translation>Server terlalu lama menjawab.</translation>
  </message>
  <message>
   <source>The server's certificate belongs to another address.</source>
   <translation>Sertifikat server milik alamat lain.</translation>
  </message>
  <message>
   <source>The server's certificate has expired.</source>
   <translation>Sertifikat server sudah kedaluwarsa.</translation>
  </message>
  <message>
   <source>The server's certificate is self-signed, or signed by nobody this computer trusts.</source>
   <translation>Sertifikat server ditandatangani sendiri, atau oleh pihak yang tidak dipercaya komputer ini.</translation>
  </message>
  <message>
   <source>The settings could not be saved</source>
   <translation>Pengaturan tidak dapat disimpan</translation>
  </message>
  <message>
   <source>The system's keyring does not answer</source>
   <translation>Gantungan kunci sistem tidak menjawab</translation>
  </message>
  <message>
   <source>The system's keyring does not open</source>
   <translation>Gantungan kunci sistem tidak terbuka</translation>
  </message>
  <message>
   <source>The update notice cannot be fetched</source>
   <translation>Pemberitahuan pembaruan tidak dapat diambil</translation>
  </message>
  <message>
   <source>The update notice cannot be read</source>
   <translation>Pemberitahuan pembaruan tidak dapat dibaca</translation>
  </message>
  <message>
   <source>There is no Supabase project at this address</source>
   <translation>Tidak ada proyek Supabase di alamat ini</translation>
  </message>
  <message>
   <source>There is no such address</source>
   <translation>Alamat ini tidak ada</translation>
  </message>
  <message>
   <source>There is nothing to note</source>
   <translation>Tidak ada yang dicatat</translation>
  </message>
  <message>
   <source>There is nothing to send</source>
   <translation>Tidak ada yang dikirim</translation>
  </message>
  <message>
   <source>This account is blocked</source>
   <translation>Akun ini diblokir</translation>
  </message>
  <message>
   <source>This computer's clock is wrong</source>
   <translation>Jam komputer ini salah</translation>
  </message>
  <message>
   <source>This e-mail address is not confirmed yet</source>
   <translation>Alamat email ini belum dikonfirmasi</translation>
  </message>
  <message>
   <source>This file was never copied to the project.</source>
   <translation>Berkas ini tidak pernah disalin ke proyek.</translation>
  </message>
  <message>
   <source>This is not the address of a project</source>
   <translation>Ini bukan alamat proyek</translation>
  </message>
  <message>
   <source>This is the secret key</source>
   <translation>Ini kunci rahasia</translation>
  </message>
  <message>
   <source>This message cannot be tried again</source>
   <translation>Pesan ini tidak bisa dicoba lagi</translation>
  </message>
  <message>
   <source>This system has no keyring, so a passphrase protects what is kept on this machine.</source>
   <translation>Sistem ini tidak punya penyimpan kunci, jadi frasa sandi melindungi yang tersimpan di mesin ini.</translation>
  </message>
  <message>
   <source>Too many codes were asked for</source>
   <translation>Terlalu banyak kode diminta</translation>
  </message>
  <message>
   <source>Too many tries</source>
   <translation>Terlalu banyak percobaan</translation>
  </message>
  <message>
   <source>Try again in a minute.</source>
   <translation>Coba lagi semenit lagi.</translation>
  </message>
  <message>
   <source>Unlock it and start again.</source>
   <translation>Buka lalu mulai lagi.</translation>
  </message>
  <message>
   <source>Unlock the keyring and start again.</source>
   <translation>Buka penyimpan kunci lalu mulai lagi.</translation>
  </message>
  <message>
   <source>Use the address that begins with https://.</source>
   <translation>Pakai alamat yang diawali https://.</translation>
  </message>
  <message>
   <source>Use the one-time code from your invitation.</source>
   <translation>Pakai kode sekali pakai dari undangan Anda.</translation>
  </message>
  <message>
   <source>Use the publishable key, which begins with sb_publishable_.</source>
   <translation>Pakai kunci publik, yang diawali sb_publishable_.</translation>
  </message>
  <message>
   <source>Wait a minute and try again.</source>
   <translation>Tunggu semenit lalu coba lagi.</translation>
  </message>
  <message>
   <source>Wait a minute.</source>
   <translation>Tunggu semenit.</translation>
  </message>
  <message>
   <source>Wake it in the Supabase dashboard, then try again.</source>
   <translation>Bangunkan di dasbor Supabase, lalu coba lagi.</translation>
  </message>
  <message>
   <source>What answers there does not speak an encrypted language.</source>
   <translation>Yang menjawab di sana tidak memakai sambungan terenkripsi.</translation>
  </message>
  <message>
   <source>Whoever has it can read and delete everything; it belongs to the service alone.</source>
   <translation>Pemegangnya bisa membaca dan menghapus semuanya; kunci ini hanya milik layanan.</translation>
  </message>
  <message>
   <source>You are signed out</source>
   <translation>Anda sudah keluar</translation>
  </message>
  <message>
   <source>You are still signed in and nothing is lost.</source>
   <translation>Anda masih masuk dan tidak ada yang hilang.</translation>
  </message>
  <message>
   <source>You may not do this here.</source>
   <translation>Anda tidak boleh melakukan ini di sini.</translation>
  </message>
  <message>
   <source>You may not use this file.</source>
   <translation>Anda tidak boleh memakai berkas ini.</translation>
  </message>
  <message>
   <source>Your session has ended or was ended elsewhere.</source>
   <translation>Sesi Anda berakhir atau diakhiri di tempat lain.</translation>
  </message>
 </context>
 <context>
  <name>events</name>
  <message>
   <source>A reply for later could not be sent</source>
   <translation>Balasan terjadwal tidak dapat dikirim</translation>
  </message>
  <message>
   <source>An answer is overdue, and the customer still waits</source>
   <translation>Jawaban sudah terlambat, dan pelanggan masih menunggu</translation>
  </message>
  <message>
   <source>Assigned to {whom}</source>
   <translation>Ditugaskan ke {whom}</translation>
  </message>
  <message>
   <source>Back in the queue: nobody was there to answer</source>
   <translation>Kembali ke antrean: petugasnya tidak di tempat</translation>
  </message>
  <message>
   <source>Given back to the queue</source>
   <translation>Dikembalikan ke antrean</translation>
  </message>
  <message>
   <source>It was {whom}'s turn</source>
   <translation>Giliran {whom}</translation>
  </message>
  <message>
   <source>Open again: the customer wrote</source>
   <translation>Dibuka lagi: pelanggan menulis</translation>
  </message>
  <message>
   <source>Open again: the time to come back was reached</source>
   <translation>Dibuka lagi: waktu tunda habis</translation>
  </message>
  <message>
   <source>Resolved</source>
   <translation>Selesai</translation>
  </message>
  <message>
   <source>The 24 hours end soon, and the customer still waits</source>
   <translation>Jendela 24 jam segera tutup, pelanggan masih menunggu</translation>
  </message>
  <message>
   <source>The contact was changed</source>
   <translation>Kontak diubah</translation>
  </message>
  <message>
   <source>The contacts were taken apart again</source>
   <translation>Kontak dipisahkan lagi</translation>
  </message>
  <message>
   <source>The conversation was begun</source>
   <translation>Percakapan dimulai</translation>
  </message>
  <message>
   <source>The customer may write again</source>
   <translation>Pelanggan boleh menulis lagi</translation>
  </message>
  <message>
   <source>The customer wants messages again</source>
   <translation>Pelanggan mau menerima pesan lagi</translation>
  </message>
  <message>
   <source>The customer wants no more messages</source>
   <translation>Pelanggan tidak mau menerima pesan lagi</translation>
  </message>
  <message>
   <source>The customer was blocked</source>
   <translation>Pelanggan diblokir</translation>
  </message>
  <message>
   <source>The priority was changed</source>
   <translation>Prioritas diubah</translation>
  </message>
  <message>
   <source>Two contacts were joined</source>
   <translation>Dua kontak digabungkan</translation>
  </message>
  <message>
   <source>You</source>
   <translation>Anda</translation>
  </message>
  <message>
   <source>{who} added the label {name}</source>
   <translation>{who} memasang label {name}</translation>
  </message>
  <message>
   <source>{who} assigned it to {whom}</source>
   <translation>{who} menugaskan ke {whom}</translation>
  </message>
  <message>
   <source>{who} began the conversation</source>
   <translation>{who} memulai percakapan</translation>
  </message>
  <message>
   <source>{who} blocked the customer</source>
   <translation>{who} memblokir pelanggan</translation>
  </message>
  <message>
   <source>{who} changed the contact</source>
   <translation>{who} mengubah kontak</translation>
  </message>
  <message>
   <source>{who} changed the priority</source>
   <translation>{who} mengubah prioritas</translation>
  </message>
  <message>
   <source>{who} gave it back to the queue</source>
   <translation>{who} mengembalikan ke antrean</translation>
  </message>
  <message>
   <source>{who} joined two contacts</source>
   <translation>{who} menggabungkan dua kontak</translation>
  </message>
  <message>
   <source>{who} lets the customer write again</source>
   <translation>{who} membuka blokir pelanggan</translation>
  </message>
  <message>
   <source>{who} opened it again</source>
   <translation>{who} membuka lagi</translation>
  </message>
  <message>
   <source>{who} resolved it</source>
   <translation>{who} menyelesaikan</translation>
  </message>
  <message>
   <source>{who} said that the reply was not sent</source>
   <translation>{who} menyatakan balasan tidak terkirim</translation>
  </message>
  <message>
   <source>{who} said that the reply was sent</source>
   <translation>{who} menyatakan balasan terkirim</translation>
  </message>
  <message>
   <source>{who} snoozed it until {when}</source>
   <translation>{who} menunda sampai {when}</translation>
  </message>
  <message>
   <source>{who} took the contacts apart again</source>
   <translation>{who} memisahkan kontak lagi</translation>
  </message>
  <message>
   <source>{who} took the label {name} off</source>
   <translation>{who} melepas label {name}</translation>
  </message>
 </context>
 <context>
  <name>files</name>
  <message>
   <source>Balas opens no programs that strangers send.</source>
   <translation>Balas tidak membuka program kiriman orang asing.</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Copied</source>
   <translation>Tersalin</translation>
  </message>
  <message>
   <source>It is written like {name}.</source>
   <translation>Ditulis seperti {name}.</translation>
  </message>
  <message>
   <source>It leads to {host}.</source>
   <translation>Tautan ini menuju {host}.</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Buka</translation>
  </message>
  <message>
   <source>Open this address?</source>
   <translation>Buka alamat ini?</translation>
  </message>
  <message>
   <source>Save file</source>
   <translation>Simpan berkas</translation>
  </message>
  <message>
   <source>Save it and open it in another program.</source>
   <translation>Simpan, lalu buka di program lain.</translation>
  </message>
  <message>
   <source>The file could not be fetched</source>
   <translation>Berkas tidak dapat diambil</translation>
  </message>
  <message>
   <source>The file could not be saved</source>
   <translation>Berkas tidak dapat disimpan</translation>
  </message>
  <message>
   <source>The file is on its way</source>
   <translation>Berkas sedang diambil</translation>
  </message>
  <message>
   <source>The name may be made to look like another one.</source>
   <translation>Namanya mungkin dibuat mirip dengan yang lain.</translation>
  </message>
  <message>
   <source>This file is a program</source>
   <translation>Berkas ini sebuah program</translation>
  </message>
  <message>
   <source>This recording cannot be played here</source>
   <translation>Rekaman ini tidak dapat diputar di sini</translation>
  </message>
  <message>
   <source>Try again in a moment.</source>
   <translation>Coba lagi sebentar lagi.</translation>
  </message>
 </context>
 <context>
  <name>finder</name>
  <message>
   <source>Close (Esc)</source>
   <translation>Tutup (Esc)</translation>
  </message>
  <message>
   <source>Find in this conversation</source>
   <translation>Cari di percakapan ini</translation>
  </message>
  <message>
   <source>Newer (Shift+Enter)</source>
   <translation>Lebih baru (Shift+Enter)</translation>
  </message>
  <message>
   <source>Nothing found</source>
   <translation>Tidak ditemukan</translation>
  </message>
  <message>
   <source>Older (Enter)</source>
   <translation>Lebih lama (Enter)</translation>
  </message>
  <message>
   <source>{place} of {count}</source>
   <translation>{place} dari {count}</translation>
  </message>
 </context>
 <context>
  <name>handover</name>
  <message numerus="yes">
   <source>%n conversation(s)</source>
   <translation>
    <numerusform>%n percakapan</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n conversation(s) handed over</source>
   <translation>
    <numerusform>%n percakapan sudah diserahkan</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n stayed: your colleague does not work in their inbox.</source>
   <translation>
    <numerusform>%n tetap di sini: rekan Anda tidak bertugas di kotak masuknya.</numerusform>
   </translation>
  </message>
  <message>
   <source>Back to the queue</source>
   <translation>Kembali ke antrean</translation>
  </message>
  <message>
   <source>Hand over</source>
   <translation>Serah terima</translation>
  </message>
  <message numerus="yes">
   <source>Hand over %n conversation(s)</source>
   <translation>
    <numerusform>Serahkan %n percakapan</numerusform>
   </translation>
  </message>
  <message>
   <source>Nothing to hand over</source>
   <translation>Tidak ada yang perlu diserahkan</translation>
  </message>
  <message>
   <source>Snoozed ones too</source>
   <translation>Termasuk yang ditunda</translation>
  </message>
  <message>
   <source>Summary</source>
   <translation>Ringkasan</translation>
  </message>
  <message>
   <source>There is no open conversation to give away.</source>
   <translation>Tidak ada percakapan terbuka untuk diserahkan.</translation>
  </message>
  <message>
   <source>They come back to your colleague when their time is up.</source>
   <translation>Percakapan ini kembali ke rekan Anda saat waktunya tiba.</translation>
  </message>
  <message>
   <source>They wait in the queue now.</source>
   <translation>Sekarang menunggu di antrean.</translation>
  </message>
  <message>
   <source>To</source>
   <translation>Kepada</translation>
  </message>
  <message>
   <source>To the inbox</source>
   <translation>Ke kotak masuk</translation>
  </message>
  <message>
   <source>To whom</source>
   <translation>Kepada siapa</translation>
  </message>
  <message>
   <source>What is handed over</source>
   <translation>Yang diserahkan</translation>
  </message>
  <message>
   <source>What your colleague should know. It becomes a note in each.</source>
   <translation>Hal yang perlu diketahui rekan Anda. Tersimpan sebagai catatan di setiap percakapan.</translation>
  </message>
  <message>
   <source>Whose conversations</source>
   <translation>Percakapan milik</translation>
  </message>
  <message>
   <source>away</source>
   <translation>tidak di tempat</translation>
  </message>
  <message>
   <source>{name} (you)</source>
   <translation>{name} (Anda)</translation>
  </message>
  <message>
   <source>{name} has them now.</source>
   <translation>Sekarang ditangani {name}.</translation>
  </message>
 </context>
 <context>
  <name>hours</name>
  <message>
   <source>+ holiday</source>
   <translation>+ hari libur</translation>
  </message>
  <message>
   <source>A day on which nobody answers</source>
   <translation>Hari tanpa petugas</translation>
  </message>
  <message>
   <source>Always open</source>
   <translation>Selalu buka</translation>
  </message>
  <message>
   <source>Another span on {day}</source>
   <translation>Rentang lain pada {day}</translation>
  </message>
  <message>
   <source>Closed</source>
   <translation>Tutup</translation>
  </message>
  <message>
   <source>Holidays</source>
   <translation>Hari libur</translation>
  </message>
  <message>
   <source>Monday's hours for the whole working week</source>
   <translation>Pakai jam Senin untuk Senin–Jumat</translation>
  </message>
  <message>
   <source>Remove this span</source>
   <translation>Hapus rentang ini</translation>
  </message>
  <message>
   <source>Remove {day}</source>
   <translation>Hapus {day}</translation>
  </message>
  <message>
   <source>Save the hours</source>
   <translation>Simpan jam kerja</translation>
  </message>
  <message>
   <source>Time zone</source>
   <translation>Zona waktu</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Urungkan</translation>
  </message>
  <message>
   <source>Without hours nothing says “away”, and answers are due at night.</source>
   <translation>Tanpa jam kerja tidak ada balasan “pergi”, dan batas waktu tetap berjalan malam hari.</translation>
  </message>
  <message>
   <source>{day}, from</source>
   <translation>{day}, dari</translation>
  </message>
  <message>
   <source>{day}, to</source>
   <translation>{day}, sampai</translation>
  </message>
 </context>
 <context>
  <name>inbox</name>
  <message numerus="yes">
   <source>%n chosen</source>
   <translation>
    <numerusform>%n dipilih</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n conversation(s) belong to nobody yet.</source>
   <translation>
    <numerusform>%n percakapan belum ditugaskan.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n reply(s) wait for your word: something happened since you wrote.</source>
   <translation>
    <numerusform>%n balasan menunggu keputusan Anda: ada yang terjadi sejak Anda menulis.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n reply(s) waiting; sent by itself when the line is back.</source>
   <translation>
    <numerusform>%n balasan menunggu, terkirim otomatis saat tersambung.</numerusform>
   </translation>
  </message>
  <message>
   <source>A label that is gone</source>
   <translation>Label yang sudah tidak ada</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Semua</translation>
  </message>
  <message>
   <source>All answered</source>
   <translation>Semua sudah dijawab</translation>
  </message>
  <message>
   <source>All inboxes and labels</source>
   <translation>Semua kotak masuk dan label</translation>
  </message>
  <message>
   <source>An inbox that is gone</source>
   <translation>Inbox yang sudah tidak ada</translation>
  </message>
  <message>
   <source>Assign (A)</source>
   <translation>Tugaskan (A)</translation>
  </message>
  <message>
   <source>Choose none (Esc)</source>
   <translation>Batal memilih (Esc)</translation>
  </message>
  <message>
   <source>Choose one on the left, or walk there with the arrow keys.</source>
   <translation>Pilih satu di sebelah kiri, atau jelajahi dengan tombol panah.</translation>
  </message>
  <message>
   <source>Clear the search</source>
   <translation>Hapus pencarian</translation>
  </message>
  <message>
   <source>Conversations</source>
   <translation>Percakapan</translation>
  </message>
  <message>
   <source>Draft:</source>
   <translation>Draf:</translation>
  </message>
  <message>
   <source>First comes</source>
   <translation>Urutkan dari</translation>
  </message>
  <message>
   <source>Inbox</source>
   <translation>Kotak masuk</translation>
  </message>
  <message>
   <source>Label (L)</source>
   <translation>Label (L)</translation>
  </message>
  <message>
   <source>Messages</source>
   <translation>Pesan</translation>
  </message>
  <message>
   <source>Messages found</source>
   <translation>Pesan yang ditemukan</translation>
  </message>
  <message>
   <source>Mine</source>
   <translation>Milik saya</translation>
  </message>
  <message>
   <source>More views</source>
   <translation>Tampilan lain</translation>
  </message>
  <message>
   <source>More views: snoozed, resolved, saved (V)</source>
   <translation>Tampilan lain: ditunda, selesai, tersimpan (V)</translation>
  </message>
  <message>
   <source>New customers appear here by themselves.</source>
   <translation>Pelanggan baru muncul di sini dengan sendirinya.</translation>
  </message>
  <message>
   <source>Newest message</source>
   <translation>Pesan terbaru</translation>
  </message>
  <message>
   <source>No conversation is open</source>
   <translation>Belum ada percakapan yang dibuka</translation>
  </message>
  <message>
   <source>No conversation of this view is in this inbox or has this label.</source>
   <translation>Tidak ada percakapan di sini dengan kotak masuk atau label itu.</translation>
  </message>
  <message>
   <source>No conversations yet</source>
   <translation>Belum ada percakapan</translation>
  </message>
  <message>
   <source>No name, number or message here has these words.</source>
   <translation>Tidak ada nama, nomor, atau pesan di sini dengan kata itu.</translation>
  </message>
  <message>
   <source>No network.</source>
   <translation>Tidak ada jaringan.</translation>
  </message>
  <message>
   <source>Nobody waits for you, and the queue is empty too.</source>
   <translation>Tidak ada yang menunggu Anda, dan antrean juga kosong.</translation>
  </message>
  <message>
   <source>Nothing found</source>
   <translation>Tidak ditemukan</translation>
  </message>
  <message>
   <source>Nothing here</source>
   <translation>Tidak ada apa-apa</translation>
  </message>
  <message>
   <source>Nothing is put away</source>
   <translation>Tidak ada yang ditunda</translation>
  </message>
  <message>
   <source>Nothing resolved yet</source>
   <translation>Belum ada yang selesai</translation>
  </message>
  <message>
   <source>Order: {order} (O)</source>
   <translation>Urutan: {order} (O)</translation>
  </message>
  <message>
   <source>Priority (P)</source>
   <translation>Prioritas (P)</translation>
  </message>
  <message>
   <source>Queue</source>
   <translation>Antrean</translation>
  </message>
  <message>
   <source>Resolve (E)</source>
   <translation>Selesaikan (E)</translation>
  </message>
  <message>
   <source>Resolved</source>
   <translation>Selesai</translation>
  </message>
  <message>
   <source>Search messages, names, numbers…</source>
   <translation>Cari pesan, nama, nomor…</translation>
  </message>
  <message>
   <source>Show</source>
   <translation>Tampilkan</translation>
  </message>
  <message>
   <source>Show only</source>
   <translation>Tampilkan saja</translation>
  </message>
  <message>
   <source>Show only one inbox or label (F)</source>
   <translation>Tampilkan satu kotak masuk atau label saja (F)</translation>
  </message>
  <message>
   <source>Show the others too</source>
   <translation>Tampilkan yang lain juga</translation>
  </message>
  <message>
   <source>Snooze (S)</source>
   <translation>Tunda (S)</translation>
  </message>
  <message>
   <source>Snoozed</source>
   <translation>Ditunda</translation>
  </message>
  <message>
   <source>Snoozed conversations wait here and come back by themselves.</source>
   <translation>Percakapan yang ditunda menunggu di sini dan kembali sendiri.</translation>
  </message>
  <message>
   <source>Take the next</source>
   <translation>Ambil berikutnya</translation>
  </message>
  <message>
   <source>Take the one that waits longest?</source>
   <translation>Ambil yang menunggu paling lama?</translation>
  </message>
  <message>
   <source>The first message to your number appears here by itself.</source>
   <translation>Pesan pertama ke nomor Anda muncul di sini dengan sendirinya.</translation>
  </message>
  <message>
   <source>The queue is empty</source>
   <translation>Antrean kosong</translation>
  </message>
  <message>
   <source>This conversation cannot be shown</source>
   <translation>Percakapan ini tidak bisa tampil</translation>
  </message>
  <message>
   <source>To the newest above</source>
   <translation>Ke yang terbaru di atas</translation>
  </message>
  <message>
   <source>Waiting longest</source>
   <translation>Paling lama menunggu</translation>
  </message>
  <message>
   <source>What is done waits here, in case the customer comes back.</source>
   <translation>Yang selesai menunggu di sini, kalau pelanggan kembali.</translation>
  </message>
  <message>
   <source>Window closing soonest</source>
   <translation>Jendela paling cepat tutup</translation>
  </message>
  <message>
   <source>You are signed out.</source>
   <translation>Anda sudah keluar.</translation>
  </message>
  <message>
   <source>You can go on reading and writing.</source>
   <translation>Anda tetap bisa membaca dan menulis.</translation>
  </message>
  <message>
   <source>blocked</source>
   <translation>diblokir</translation>
  </message>
  <message>
   <source>muted</source>
   <translation>dibisukan</translation>
  </message>
  <message>
   <source>resolved</source>
   <translation>selesai</translation>
  </message>
  <message>
   <source>snoozed</source>
   <translation>ditunda</translation>
  </message>
  <message>
   <source>waits {time}</source>
   <translation>menunggu {time}</translation>
  </message>
  <message>
   <source>window closed</source>
   <translation>jendela tutup</translation>
  </message>
  <message>
   <source>{count} open</source>
   <translation>{count} terbuka</translation>
  </message>
  <message>
   <source>{count}k</source>
   <translation>{count}rb</translation>
  </message>
  <message>
   <source>{time} left</source>
   <translation>sisa {time}</translation>
  </message>
 </context>
 <context>
  <name>leaving</name>
  <message>
   <source>Close without it</source>
   <translation>Tutup tanpa menyimpannya</translation>
  </message>
  <message>
   <source>Stay</source>
   <translation>Tetap di sini</translation>
  </message>
  <message>
   <source>What you wrote about a contact is not saved</source>
   <translation>Tulisan Anda tentang kontak belum tersimpan</translation>
  </message>
 </context>
 <context>
  <name>links</name>
  <message>
   <source>Balas does not know links of this kind.</source>
   <translation>Balas tidak mengenal tautan seperti ini.</translation>
  </message>
  <message>
   <source>It may be in an inbox that you do not see, or older than a month.</source>
   <translation>Mungkin ada di kotak masuk yang tidak Anda lihat, atau sudah lebih dari sebulan.</translation>
  </message>
  <message>
   <source>This is not on this machine</source>
   <translation>Ini tidak ada di komputer ini</translation>
  </message>
  <message>
   <source>This link leads nowhere</source>
   <translation>Tautan ini tidak menuju ke mana pun</translation>
  </message>
 </context>
 <context>
  <name>lock</name>
  <message>
   <source>Balas is locked</source>
   <translation>Balas terkunci</translation>
  </message>
  <message>
   <source>Sign out…</source>
   <translation>Keluar…</translation>
  </message>
  <message>
   <source>This is not the password.</source>
   <translation>Kata sandi ini salah.</translation>
  </message>
  <message>
   <source>Unlock</source>
   <translation>Buka kunci</translation>
  </message>
  <message>
   <source>Your password</source>
   <translation>Kata sandi Anda</translation>
  </message>
 </context>
 <context>
  <name>mentions</name>
  <message>
   <source>A colleague</source>
   <translation>Seorang rekan</translation>
  </message>
  <message>
   <source>Mentions</source>
   <translation>Sebutan</translation>
  </message>
  <message>
   <source>New. </source>
   <translation>Baru. </translation>
  </message>
  <message>
   <source>Nobody has mentioned you yet</source>
   <translation>Belum ada yang menyebut Anda</translation>
  </message>
  <message>
   <source>Notes in which a colleague writes @ and your name gather here.</source>
   <translation>Catatan rekan yang memuat @ dan nama Anda terkumpul di sini.</translation>
  </message>
  <message>
   <source>To the inbox</source>
   <translation>Ke kotak masuk</translation>
  </message>
  <message>
   <source>{author} about {customer}</source>
   <translation>{author} tentang {customer}</translation>
  </message>
 </context>
 <context>
  <name>menu</name>
  <message>
   <source>Copy chosen text</source>
   <translation>Salin teks terpilih</translation>
  </message>
  <message>
   <source>Copy link</source>
   <translation>Salin tautan</translation>
  </message>
  <message>
   <source>Copy link to this message</source>
   <translation>Salin tautan ke pesan ini</translation>
  </message>
  <message>
   <source>Copy number</source>
   <translation>Salin nomor</translation>
  </message>
  <message>
   <source>Copy picture</source>
   <translation>Salin gambar</translation>
  </message>
  <message>
   <source>Copy position</source>
   <translation>Salin posisi</translation>
  </message>
  <message>
   <source>Copy text</source>
   <translation>Salin teks</translation>
  </message>
  <message>
   <source>Go to what it answers</source>
   <translation>Ke pesan yang dijawab</translation>
  </message>
  <message>
   <source>Nothing to copy here</source>
   <translation>Tidak ada yang bisa disalin</translation>
  </message>
  <message>
   <source>Open link</source>
   <translation>Buka tautan</translation>
  </message>
  <message>
   <source>Quote</source>
   <translation>Kutip</translation>
  </message>
  <message>
   <source>Save as…</source>
   <translation>Simpan sebagai…</translation>
  </message>
  <message>
   <source>Save file {number} as…</source>
   <translation>Simpan berkas {number} sebagai…</translation>
  </message>
 </context>
 <context>
  <name>number</name>
  <message>
   <source>From {least} to {most}</source>
   <translation>Dari {least} sampai {most}</translation>
  </message>
 </context>
 <context>
  <name>pages</name>
  <message>
   <source>Administration (Ctrl+5)</source>
   <translation>Administrasi (Ctrl+5)</translation>
  </message>
  <message>
   <source>Contacts (Ctrl+2)</source>
   <translation>Kontak (Ctrl+2)</translation>
  </message>
  <message>
   <source>Hand over (Ctrl+Shift+G)</source>
   <translation>Serah terima (Ctrl+Shift+G)</translation>
  </message>
  <message>
   <source>Mentions (Ctrl+3)</source>
   <translation>Sebutan (Ctrl+3)</translation>
  </message>
  <message>
   <source>Preferences</source>
   <translation>Preferensi</translation>
  </message>
  <message>
   <source>Reports (Ctrl+4)</source>
   <translation>Laporan (Ctrl+4)</translation>
  </message>
 </context>
 <context>
  <name>palette</name>
  <message>
   <source>Actions</source>
   <translation>Tindakan</translation>
  </message>
  <message>
   <source>Contacts</source>
   <translation>Kontak</translation>
  </message>
  <message>
   <source>It is in an inbox that is not on this machine yet.</source>
   <translation>Percakapan itu ada di kotak masuk yang belum ada di komputer ini.</translation>
  </message>
  <message>
   <source>Messages</source>
   <translation>Pesan</translation>
  </message>
  <message>
   <source>More below…</source>
   <translation>Masih ada lagi di bawah…</translation>
  </message>
  <message>
   <source>More contacts</source>
   <translation>Kontak lainnya</translation>
  </message>
  <message>
   <source>More messages</source>
   <translation>Pesan lainnya</translation>
  </message>
  <message>
   <source>Nothing found</source>
   <translation>Tidak ada yang ditemukan</translation>
  </message>
  <message>
   <source>Offline: only what is on this machine is searched</source>
   <translation>Luring: hanya yang ada di komputer ini yang dicari</translation>
  </message>
  <message>
   <source>Recent conversations</source>
   <translation>Percakapan terakhir</translation>
  </message>
  <message>
   <source>Search actions, people, messages…</source>
   <translation>Cari tindakan, orang, pesan…</translation>
  </message>
  <message>
   <source>Searching on the server…</source>
   <translation>Mencari di server…</translation>
  </message>
  <message>
   <source>The server does not answer: only this machine was searched</source>
   <translation>Server tidak menjawab: hanya komputer ini yang dicari</translation>
  </message>
  <message>
   <source>This conversation cannot be opened</source>
   <translation>Percakapan ini tidak dapat dibuka</translation>
  </message>
  <message>
   <source>Unknown</source>
   <translation>Tidak dikenal</translation>
  </message>
  <message>
   <source>What was found</source>
   <translation>Hasil pencarian</translation>
  </message>
 </context>
 <context>
  <name>preferences</name>
  <message>
   <source>Nothing of this name</source>
   <translation>Tidak ada yang bernama ini</translation>
  </message>
  <message>
   <source>Preferences</source>
   <translation>Preferensi</translation>
  </message>
  <message>
   <source>Search the preferences</source>
   <translation>Cari preferensi</translation>
  </message>
  <message>
   <source>Shortcuts</source>
   <translation>Pintasan</translation>
  </message>
  <message>
   <source>Try another word, or look through the sections.</source>
   <translation>Coba kata lain, atau lihat bagian-bagiannya.</translation>
  </message>
 </context>
 <context>
  <name>rail</name>
  <message>
   <source>Inbox (Ctrl+1)</source>
   <translation>Kotak masuk (Ctrl+1)</translation>
  </message>
  <message>
   <source>Preferences (Ctrl+,)</source>
   <translation>Preferensi (Ctrl+,)</translation>
  </message>
  <message>
   <source>Sign out…</source>
   <translation>Keluar…</translation>
  </message>
  <message>
   <source>Snoozed conversations (Alt+4)</source>
   <translation>Percakapan ditunda (Alt+4)</translation>
  </message>
  <message>
   <source>You, signing out</source>
   <translation>Anda, keluar</translation>
  </message>
  <message>
   <source>available</source>
   <translation>tersedia</translation>
  </message>
  <message>
   <source>away</source>
   <translation>tidak di tempat</translation>
  </message>
 </context>
 <context>
  <name>registry</name>
  <message>
   <source>05:00</source>
   <translation>05.00</translation>
  </message>
  <message>
   <source>06:00</source>
   <translation>06.00</translation>
  </message>
  <message>
   <source>07:00</source>
   <translation>07.00</translation>
  </message>
  <message>
   <source>08:00</source>
   <translation>08.00</translation>
  </message>
  <message>
   <source>09:00</source>
   <translation>09.00</translation>
  </message>
  <message>
   <source>1 hour</source>
   <translation>1 jam</translation>
  </message>
  <message>
   <source>1 minute</source>
   <translation>1 menit</translation>
  </message>
  <message>
   <source>10 minutes</source>
   <translation>10 menit</translation>
  </message>
  <message>
   <source>10 seconds</source>
   <translation>10 detik</translation>
  </message>
  <message>
   <source>100%</source>
   <translation>100%</translation>
  </message>
  <message>
   <source>10:00</source>
   <translation>10.00</translation>
  </message>
  <message>
   <source>110%</source>
   <translation>110%</translation>
  </message>
  <message>
   <source>125%</source>
   <translation>125%</translation>
  </message>
  <message>
   <source>15 minutes</source>
   <translation>15 menit</translation>
  </message>
  <message>
   <source>150%</source>
   <translation>150%</translation>
  </message>
  <message>
   <source>16:00</source>
   <translation>16.00</translation>
  </message>
  <message>
   <source>17:00</source>
   <translation>17.00</translation>
  </message>
  <message>
   <source>18:00</source>
   <translation>18.00</translation>
  </message>
  <message>
   <source>19:00</source>
   <translation>19.00</translation>
  </message>
  <message>
   <source>20 seconds</source>
   <translation>20 detik</translation>
  </message>
  <message>
   <source>20:00</source>
   <translation>20.00</translation>
  </message>
  <message>
   <source>21:00</source>
   <translation>21.00</translation>
  </message>
  <message>
   <source>22:00</source>
   <translation>22.00</translation>
  </message>
  <message>
   <source>23:00</source>
   <translation>23.00</translation>
  </message>
  <message>
   <source>30 minutes</source>
   <translation>30 menit</translation>
  </message>
  <message>
   <source>5 minutes</source>
   <translation>5 menit</translation>
  </message>
  <message>
   <source>5 seconds</source>
   <translation>5 detik</translation>
  </message>
  <message>
   <source>90%</source>
   <translation>90%</translation>
  </message>
  <message>
   <source>A short sound with each notification, where this computer has a speaker.</source>
   <translation>Suara pendek bersama setiap pemberitahuan, bila komputer ini punya pengeras suara.</translation>
  </message>
  <message>
   <source>After so long without mouse or keyboard the window asks for your password.</source>
   <translation>Setelah selama itu tanpa tetikus atau papan ketik, jendela meminta kata sandi Anda.</translation>
  </message>
  <message>
   <source>Alerts</source>
   <translation>Pemberitahuan</translation>
  </message>
  <message>
   <source>Appearance</source>
   <translation>Tampilan</translation>
  </message>
  <message>
   <source>Appearance and language</source>
   <translation>Tampilan dan bahasa</translation>
  </message>
  <message>
   <source>Bahasa Indonesia</source>
   <translation>Bahasa Indonesia</translation>
  </message>
  <message>
   <source>Dark</source>
   <translation>Gelap</translation>
  </message>
  <message>
   <source>English</source>
   <translation>English</translation>
  </message>
  <message>
   <source>Enter sends</source>
   <translation>Enter mengirim</translation>
  </message>
  <message>
   <source>Everything in the window grows with it.</source>
   <translation>Semua di jendela ikut membesar.</translation>
  </message>
  <message>
   <source>For you alone, not for others who use it.</source>
   <translation>Hanya untuk Anda, bukan untuk pengguna lain.</translation>
  </message>
  <message>
   <source>Keep running when the window is closed</source>
   <translation>Tetap berjalan saat jendela ditutup</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Bahasa</translation>
  </message>
  <message>
   <source>Light</source>
   <translation>Terang</translation>
  </message>
  <message>
   <source>Light, dark, or as the system is.</source>
   <translation>Terang, gelap, atau mengikuti sistem.</translation>
  </message>
  <message>
   <source>Like the system</source>
   <translation>Seperti sistem</translation>
  </message>
  <message>
   <source>Lock when nobody is there</source>
   <translation>Kunci bila tidak ada orang</translation>
  </message>
  <message>
   <source>MB</source>
   <translation>MB</translation>
  </message>
  <message>
   <source>Never</source>
   <translation>Tidak pernah</translation>
  </message>
  <message>
   <source>Nothing is shown and nothing sounds until the quiet hours end.</source>
   <translation>Tidak ada yang tampil dan tidak ada suara sampai jam tenang berakhir.</translation>
  </message>
  <message>
   <source>Notify of new messages</source>
   <translation>Beri tahu pesan baru</translation>
  </message>
  <message>
   <source>Of the window, of dates and of numbers. What customers write stays as it is.</source>
   <translation>Untuk jendela, tanggal, dan angka. Tulisan pelanggan tetap apa adanya.</translation>
  </message>
  <message>
   <source>Off</source>
   <translation>Mati</translation>
  </message>
  <message>
   <source>Privacy and lock</source>
   <translation>Privasi dan kunci</translation>
  </message>
  <message>
   <source>Quiet from</source>
   <translation>Tenang mulai</translation>
  </message>
  <message>
   <source>Quiet until</source>
   <translation>Tenang sampai</translation>
  </message>
  <message>
   <source>Shift+Enter begins a new line. Without it Enter does, and Ctrl+Enter sends.</source>
   <translation>Shift+Enter membuat baris baru. Jika dimatikan, Enter membuat baris baru dan Ctrl+Enter mengirim.</translation>
  </message>
  <message>
   <source>Show who and what in notifications</source>
   <translation>Tampilkan pengirim dan isi di pemberitahuan</translation>
  </message>
  <message>
   <source>So long a reply waits here after Enter and can be taken back.</source>
   <translation>Selama itu balasan menunggu di sini setelah Enter dan masih bisa ditarik.</translation>
  </message>
  <message>
   <source>Sound</source>
   <translation>Suara</translation>
  </message>
  <message>
   <source>Space for downloaded files</source>
   <translation>Ruang untuk berkas unduhan</translation>
  </message>
  <message>
   <source>Start when you log in to this computer</source>
   <translation>Mulai saat Anda masuk ke komputer ini</translation>
  </message>
  <message>
   <source>Text size</source>
   <translation>Ukuran teks</translation>
  </message>
  <message>
   <source>The oldest files go first when it is full; they can be fetched again. A change holds from the next start.</source>
   <translation>Jika penuh, berkas terlama dihapus dulu dan bisa diambil lagi. Perubahan berlaku mulai program dibuka lagi.</translation>
  </message>
  <message>
   <source>The window goes to the tray, where notifications still reach you. Quit from the tray's menu.</source>
   <translation>Jendela masuk ke baki sistem, dan pemberitahuan tetap sampai kepada Anda. Keluar lewat menu di baki.</translation>
  </message>
  <message>
   <source>This computer</source>
   <translation>Komputer ini</translation>
  </message>
  <message>
   <source>Undo sending</source>
   <translation>Urungkan pengiriman</translation>
  </message>
  <message>
   <source>While the window is not in front.</source>
   <translation>Saat jendela tidak di depan.</translation>
  </message>
  <message>
   <source>Without it a notification says only that somebody wrote.</source>
   <translation>Jika dimatikan, pemberitahuan hanya menyebut bahwa ada yang menulis.</translation>
  </message>
  <message>
   <source>Writing</source>
   <translation>Menulis</translation>
  </message>
 </context>
 <context>
  <name>reports</name>
  <message>
   <source>30 days</source>
   <translation>30 hari</translation>
  </message>
  <message>
   <source>7 days</source>
   <translation>7 hari</translation>
  </message>
  <message>
   <source>90% within</source>
   <translation>90% dalam</translation>
  </message>
  <message>
   <source>90% within (s)</source>
   <translation>90% dalam (dtk)</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Semua</translation>
  </message>
  <message>
   <source>All inboxes</source>
   <translation>Semua kotak masuk</translation>
  </message>
  <message>
   <source>Automatic</source>
   <translation>Otomatis</translation>
  </message>
  <message>
   <source>Average</source>
   <translation>Rata-rata</translation>
  </message>
  <message>
   <source>By inbox</source>
   <translation>Per kotak masuk</translation>
  </message>
  <message>
   <source>By person</source>
   <translation>Per petugas</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Choose other days, or another inbox or person.</source>
   <translation>Pilih tanggal, kotak masuk, atau petugas lain.</translation>
  </message>
  <message>
   <source>Choose other days, or another inbox.</source>
   <translation>Pilih tanggal atau kotak masuk lain.</translation>
  </message>
  <message>
   <source>Day</source>
   <translation>Hari</translation>
  </message>
  <message>
   <source>Everybody</source>
   <translation>Semua petugas</translation>
  </message>
  <message>
   <source>First day</source>
   <translation>Hari pertama</translation>
  </message>
  <message>
   <source>First response</source>
   <translation>Respons pertama</translation>
  </message>
  <message>
   <source>From a customer's first message to the first reply of a person, nights and holidays included.</source>
   <translation>Dari pesan pertama pelanggan sampai balasan pertama petugas, termasuk malam dan hari libur.</translation>
  </message>
  <message>
   <source>From customers</source>
   <translation>Dari pelanggan</translation>
  </message>
  <message>
   <source>From opened to resolved.</source>
   <translation>Dari dibuka sampai selesai.</translation>
  </message>
  <message>
   <source>From {day}</source>
   <translation>Dari {day}</translation>
  </message>
  <message>
   <source>Half within</source>
   <translation>Separuh dalam</translation>
  </message>
  <message>
   <source>Half within this; 90% within {span}</source>
   <translation>Separuh dalam waktu ini; 90% dalam {span}</translation>
  </message>
  <message>
   <source>Inbox</source>
   <translation>Kotak masuk</translation>
  </message>
  <message>
   <source>Last day</source>
   <translation>Hari terakhir</translation>
  </message>
  <message>
   <source>Messages by day</source>
   <translation>Pesan per hari</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Nama</translation>
  </message>
  <message>
   <source>Nobody</source>
   <translation>Tanpa petugas</translation>
  </message>
  <message>
   <source>Not read</source>
   <translation>Belum dibaca</translation>
  </message>
  <message>
   <source>Nothing happened in these days</source>
   <translation>Tidak ada kegiatan pada hari-hari ini</translation>
  </message>
  <message>
   <source>Number</source>
   <translation>Jumlah</translation>
  </message>
  <message>
   <source>Numbers</source>
   <translation>Angka</translation>
  </message>
  <message>
   <source>Opened</source>
   <translation>Dibuka</translation>
  </message>
  <message>
   <source>Other days</source>
   <translation>Tanggal lain</translation>
  </message>
  <message>
   <source>Person</source>
   <translation>Petugas</translation>
  </message>
  <message>
   <source>Reading the numbers…</source>
   <translation>Membaca angka…</translation>
  </message>
  <message>
   <source>Replies</source>
   <translation>Balasan</translation>
  </message>
  <message>
   <source>Reports</source>
   <translation>Laporan</translation>
  </message>
  <message>
   <source>Resolution</source>
   <translation>Penyelesaian</translation>
  </message>
  <message>
   <source>Resolved</source>
   <translation>Selesai</translation>
  </message>
  <message>
   <source>Response</source>
   <translation>Respons</translation>
  </message>
  <message>
   <source>Save as CSV</source>
   <translation>Simpan CSV</translation>
  </message>
  <message>
   <source>Show or hide the table</source>
   <translation>Tampilkan atau sembunyikan tabel</translation>
  </message>
  <message>
   <source>The report is saved</source>
   <translation>Laporan tersimpan</translation>
  </message>
  <message>
   <source>There are no reports for you</source>
   <translation>Belum ada laporan untuk Anda</translation>
  </message>
  <message>
   <source>Today</source>
   <translation>Hari ini</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Coba lagi</translation>
  </message>
  <message>
   <source>Up to {day}</source>
   <translation>Sampai {day}</translation>
  </message>
  <message>
   <source>What customers wrote, and what they were answered.</source>
   <translation>Yang ditulis pelanggan dan balasannya.</translation>
  </message>
  <message>
   <source>You work in no inbox yet. An administrator can put you into one.</source>
   <translation>Anda belum bertugas di kotak masuk mana pun. Administrator bisa memasukkan Anda.</translation>
  </message>
  <message>
   <source>and {count} automatic</source>
   <translation>dan {count} otomatis</translation>
  </message>
  <message>
   <source>average (s)</source>
   <translation>rata-rata (dtk)</translation>
  </message>
  <message>
   <source>half within (s)</source>
   <translation>separuh dalam (dtk)</translation>
  </message>
  <message>
   <source>number</source>
   <translation>jumlah</translation>
  </message>
  <message>
   <source>{count} conversations opened</source>
   <translation>{count} percakapan dibuka</translation>
  </message>
  <message>
   <source>{count} resolved</source>
   <translation>{count} selesai</translation>
  </message>
  <message>
   <source>{days} d</source>
   <translation>{days} hr</translation>
  </message>
  <message>
   <source>{days} d {hours} h</source>
   <translation>{days} hr {hours} j</translation>
  </message>
  <message>
   <source>{hours} h</source>
   <translation>{hours} j</translation>
  </message>
  <message>
   <source>{hours} h {minutes} m</source>
   <translation>{hours} j {minutes} m</translation>
  </message>
  <message>
   <source>{minutes} min</source>
   <translation>{minutes} mnt</translation>
  </message>
  <message>
   <source>{problem} What you see was read before.</source>
   <translation>{problem} Yang terlihat adalah hasil sebelumnya.</translation>
  </message>
  <message>
   <source>{seconds} s</source>
   <translation>{seconds} dtk</translation>
  </message>
  <message>
   <source>{title}: show or hide the table</source>
   <translation>{title}: tampilkan atau sembunyikan tabel</translation>
  </message>
 </context>
 <context>
  <name>shift</name>
  <message>
   <source>Available for new conversations</source>
   <translation>Tersedia untuk percakapan baru</translation>
  </message>
  <message>
   <source>Hand over my conversations…</source>
   <translation>Serahkan percakapan saya…</translation>
  </message>
 </context>
 <context>
  <name>shortcuts</name>
  <message>
   <source>Back to {keys}</source>
   <translation>Kembali ke {keys}</translation>
  </message>
  <message>
   <source>Escape goes one step back, wherever one is</source>
   <translation>Escape mundur satu langkah, di mana pun Anda berada</translation>
  </message>
  <message>
   <source>Leave it</source>
   <translation>Biarkan</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Tidak ada</translation>
  </message>
  <message>
   <source>Press a key's name, then type the new keys. Changes hold at once, on this computer.</source>
   <translation>Tekan nama tombol, lalu tekan tombol baru. Perubahan langsung berlaku di komputer ini.</translation>
  </message>
  <message>
   <source>Press to give other keys</source>
   <translation>Tekan untuk mengganti tombol</translation>
  </message>
  <message>
   <source>Reset all</source>
   <translation>Kembalikan semua</translation>
  </message>
  <message>
   <source>Type keys with Ctrl or Alt…</source>
   <translation>Ketik tombol dengan Ctrl atau Alt…</translation>
  </message>
  <message>
   <source>Type the keys…</source>
   <translation>Tekan tombolnya…</translation>
  </message>
  <message>
   <source>Use it here instead</source>
   <translation>Pakai di sini saja</translation>
  </message>
  <message>
   <source>none</source>
   <translation>tidak ada</translation>
  </message>
  <message>
   <source>{action}: {keys}. Press to change.</source>
   <translation>{action}: {keys}. Tekan untuk mengubah.</translation>
  </message>
  <message>
   <source>{keys} already does “{action}”.</source>
   <translation>{keys} sudah dipakai untuk “{action}”.</translation>
  </message>
 </context>
 <context>
  <name>sign_in</name>
  <message>
   <source>Another project</source>
   <translation>Proyek lain</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Choose a passphrase</source>
   <translation>Pilih frasa sandi</translation>
  </message>
  <message>
   <source>Connect to your project</source>
   <translation>Hubungkan ke proyek Anda</translation>
  </message>
  <message>
   <source>Continue</source>
   <translation>Lanjut</translation>
  </message>
  <message>
   <source>E-mail</source>
   <translation>Email</translation>
  </message>
  <message>
   <source>New password, 8 characters or more</source>
   <translation>Kata sandi baru, minimal 8 karakter</translation>
  </message>
  <message>
   <source>Once more</source>
   <translation>Sekali lagi</translation>
  </message>
  <message>
   <source>One-time code</source>
   <translation>Kode sekali pakai</translation>
  </message>
  <message>
   <source>Passphrase</source>
   <translation>Frasa sandi</translation>
  </message>
  <message>
   <source>Password</source>
   <translation>Kata sandi</translation>
  </message>
  <message>
   <source>Publishable key</source>
   <translation>Kunci publik</translation>
  </message>
  <message>
   <source>Send me a code by e-mail</source>
   <translation>Kirimi saya kode lewat email</translation>
  </message>
  <message>
   <source>Set password and sign in</source>
   <translation>Simpan kata sandi dan masuk</translation>
  </message>
  <message>
   <source>Sign in</source>
   <translation>Masuk</translation>
  </message>
  <message>
   <source>Sign in with a code</source>
   <translation>Masuk dengan kode</translation>
  </message>
  <message>
   <source>Supabase project URL</source>
   <translation>URL proyek Supabase</translation>
  </message>
  <message>
   <source>Test and continue</source>
   <translation>Uji dan lanjutkan</translation>
  </message>
  <message>
   <source>Testing the connection…</source>
   <translation>Menguji sambungan…</translation>
  </message>
  <message>
   <source>The code is on its way to {email}.</source>
   <translation>Kode sedang dikirim ke {email}.</translation>
  </message>
  <message>
   <source>The new password needs 8 characters or more.</source>
   <translation>Kata sandi baru minimal 8 karakter.</translation>
  </message>
  <message>
   <source>The project answers. Now sign in.</source>
   <translation>Proyek menjawab. Sekarang masuk.</translation>
  </message>
  <message>
   <source>The two are not the same.</source>
   <translation>Keduanya tidak sama.</translation>
  </message>
  <message>
   <source>This system has no keyring, so the passphrase protects what Balas keeps on this machine. Without it the local copy cannot be read; what is on the server stays safe.</source>
   <translation>Sistem ini tidak punya penyimpan kunci, jadi frasa sandi melindungi data Balas di mesin ini. Tanpa frasa itu salinan lokal tidak bisa dibaca; yang ada di server tetap aman.</translation>
  </message>
  <message>
   <source>Unlock Balas</source>
   <translation>Buka kunci Balas</translation>
  </message>
  <message>
   <source>Use a one-time code</source>
   <translation>Pakai kode sekali pakai</translation>
  </message>
  <message>
   <source>Use my password</source>
   <translation>Pakai kata sandi</translation>
  </message>
  <message>
   <source>Use {count} characters or more.</source>
   <translation>Pakai {count} karakter atau lebih.</translation>
  </message>
  <message>
   <source>Welcome back</source>
   <translation>Selamat datang kembali</translation>
  </message>
  <message>
   <source>Your administrator gives you the code, or ask for one:</source>
   <translation>Kode diberikan oleh administrator Anda, atau minta di sini:</translation>
  </message>
  <message>
   <source>Your administrator has both. The publishable key is not a secret; never type the secret key here.</source>
   <translation>Keduanya ada pada administrator Anda. Kunci publik bukan rahasia; jangan pernah mengetik kunci rahasia di sini.</translation>
  </message>
  <message>
   <source>name@company.com</source>
   <translation>nama@perusahaan.com</translation>
  </message>
 </context>
 <context>
  <name>sign_out</name>
  <message numerus="yes">
   <source>%n reply(s) not sent yet</source>
   <translation>
    <numerusform>%n balasan belum terkirim</numerusform>
   </translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Discard</source>
   <translation>Buang</translation>
  </message>
  <message>
   <source>Keep</source>
   <translation>Simpan</translation>
  </message>
  <message>
   <source>Send and sign out</source>
   <translation>Kirim lalu keluar</translation>
  </message>
  <message>
   <source>Send them first, keep them here until you sign in again, or throw them away?</source>
   <translation>Kirim dulu, simpan di sini sampai Anda masuk lagi, atau buang?</translation>
  </message>
  <message>
   <source>Sign out</source>
   <translation>Keluar</translation>
  </message>
  <message>
   <source>Sign out?</source>
   <translation>Keluar?</translation>
  </message>
  <message>
   <source>Your drafts stay on this machine, encrypted.</source>
   <translation>Draf Anda tetap di mesin ini, terenkripsi.</translation>
  </message>
 </context>
 <context>
  <name>snooze</name>
  <message>
   <source>In one hour</source>
   <translation>Satu jam lagi</translation>
  </message>
  <message>
   <source>In one week</source>
   <translation>Seminggu lagi</translation>
  </message>
  <message>
   <source>In three hours</source>
   <translation>Tiga jam lagi</translation>
  </message>
  <message>
   <source>Next Monday</source>
   <translation>Senin depan</translation>
  </message>
  <message>
   <source>This evening</source>
   <translation>Sore ini</translation>
  </message>
  <message>
   <source>Tomorrow morning</source>
   <translation>Besok pagi</translation>
  </message>
  <message>
   <source>tomorrow, {time}</source>
   <translation>besok, {time}</translation>
  </message>
  <message>
   <source>{day}, {time}</source>
   <translation>{day}, {time}</translation>
  </message>
 </context>
 <context>
  <name>starting</name>
  <message numerus="yes">
   <source>%n value(s) to fill in</source>
   <translation>
    <numerusform>%n nilai perlu diisi</numerusform>
   </translation>
  </message>
  <message>
   <source>A new number</source>
   <translation>Nomor baru</translation>
  </message>
  <message>
   <source>From</source>
   <translation>Dari</translation>
  </message>
  <message>
   <source>It may have left already; sending again sends it only once.</source>
   <translation>Mungkin sudah terkirim; mengirim lagi tetap hanya mengirimnya satu kali.</translation>
  </message>
  <message>
   <source>Language: {language}</source>
   <translation>Bahasa: {language}</translation>
  </message>
  <message>
   <source>Name, or number with country code</source>
   <translation>Nama, atau nomor dengan kode negara</translation>
  </message>
  <message>
   <source>New conversation</source>
   <translation>Percakapan baru</translation>
  </message>
  <message>
   <source>No template is approved yet: WhatsApp takes nothing else.</source>
   <translation>Belum ada templat yang disetujui: WhatsApp tidak menerima yang lain.</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Kirim</translation>
  </message>
  <message>
   <source>Send (Ctrl+Enter)</source>
   <translation>Kirim (Ctrl+Enter)</translation>
  </message>
  <message>
   <source>Somebody else</source>
   <translation>Orang lain</translation>
  </message>
  <message>
   <source>Template</source>
   <translation>Templat</translation>
  </message>
  <message>
   <source>The conversation appears in the list when the line is back.</source>
   <translation>Percakapan muncul di daftar begitu jaringan kembali.</translation>
  </message>
  <message>
   <source>The message is on its way</source>
   <translation>Pesan sedang dalam perjalanan</translation>
  </message>
  <message>
   <source>Their name, if you know it</source>
   <translation>Namanya, bila Anda tahu</translation>
  </message>
  <message>
   <source>This is no number that can be written to</source>
   <translation>Ini bukan nomor yang dapat dihubungi</translation>
  </message>
  <message>
   <source>To</source>
   <translation>Kepada</translation>
  </message>
  <message>
   <source>Value of {name}</source>
   <translation>Isi {name}</translation>
  </message>
  <message>
   <source>What you want to write</source>
   <translation>Tulis pesan Anda</translation>
  </message>
  <message>
   <source>Write it with its country code: +62 812 3456 7890.</source>
   <translation>Tulis dengan kode negara: +62 812 3456 7890.</translation>
  </message>
  <message>
   <source>You are in no inbox. Ask your supervisor.</source>
   <translation>Anda belum masuk kotak masuk mana pun. Minta kepada penyelia Anda.</translation>
  </message>
  <message>
   <source>such as {example}</source>
   <translation>misalnya {example}</translation>
  </message>
 </context>
 <context>
  <name>templates</name>
  <message numerus="yes">
   <source>%n value(s) filled in</source>
   <translation>
    <numerusform>%n nilai terisi</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n value(s) to fill in</source>
   <translation>
    <numerusform>%n nilai perlu diisi</numerusform>
   </translation>
  </message>
  <message>
   <source>All</source>
   <translation>Semua</translation>
  </message>
  <message>
   <source>Back to the text (Esc)</source>
   <translation>Kembali ke teks (Esc)</translation>
  </message>
  <message>
   <source>No template has these words.</source>
   <translation>Tidak ada templat dengan kata itu.</translation>
  </message>
  <message>
   <source>Nothing to fill in</source>
   <translation>Tidak ada yang perlu diisi</translation>
  </message>
  <message>
   <source>Search templates</source>
   <translation>Cari templat</translation>
  </message>
  <message>
   <source>Send a template</source>
   <translation>Kirim templat</translation>
  </message>
  <message>
   <source>Send template</source>
   <translation>Kirim templat</translation>
  </message>
  <message>
   <source>Send the template (Ctrl+Enter)</source>
   <translation>Kirim templat (Ctrl+Enter)</translation>
  </message>
  <message>
   <source>Templates</source>
   <translation>Templat</translation>
  </message>
  <message>
   <source>There are no templates yet. The administrator adds them in Twilio.</source>
   <translation>Belum ada templat. Administrator menambahkannya di Twilio.</translation>
  </message>
  <message>
   <source>Value of {name}</source>
   <translation>Nilai {name}</translation>
  </message>
  <message>
   <source>WhatsApp does not take this template now.</source>
   <translation>WhatsApp sedang tidak menerima templat ini.</translation>
  </message>
  <message>
   <source>approved</source>
   <translation>disetujui</translation>
  </message>
  <message>
   <source>disabled by Meta</source>
   <translation>dinonaktifkan Meta</translation>
  </message>
  <message>
   <source>not submitted</source>
   <translation>belum diajukan</translation>
  </message>
  <message>
   <source>paused by Meta</source>
   <translation>dijeda Meta</translation>
  </message>
  <message>
   <source>refused by Meta</source>
   <translation>ditolak Meta</translation>
  </message>
  <message>
   <source>such as {example}</source>
   <translation>misalnya {example}</translation>
  </message>
  <message>
   <source>waiting for Meta</source>
   <translation>menunggu Meta</translation>
  </message>
 </context>
 <context>
  <name>thread</name>
  <message>
   <source>Assign (A)</source>
   <translation>Tugaskan (A)</translation>
  </message>
  <message>
   <source>Assigned to nobody yet</source>
   <translation>Belum ditugaskan</translation>
  </message>
  <message>
   <source>Assigned to {name}</source>
   <translation>Ditangani {name}</translation>
  </message>
  <message>
   <source>Back to the list (Esc)</source>
   <translation>Kembali ke daftar (Esc)</translation>
  </message>
  <message>
   <source>Blocked: nothing is sent to them, what they write is kept.</source>
   <translation>Diblokir: tidak ada yang dikirim kepadanya, yang ia tulis tetap disimpan.</translation>
  </message>
  <message>
   <source>Go to a day</source>
   <translation>Ke tanggal</translation>
  </message>
  <message>
   <source>Nobody</source>
   <translation>Belum ada</translation>
  </message>
  <message>
   <source>Reopen</source>
   <translation>Buka lagi</translation>
  </message>
  <message>
   <source>Resolve</source>
   <translation>Selesai</translation>
  </message>
  <message>
   <source>Show or hide the contact (Ctrl+I)</source>
   <translation>Tampilkan atau sembunyikan kontak (Ctrl+I)</translation>
  </message>
  <message>
   <source>Snooze</source>
   <translation>Tunda</translation>
  </message>
  <message>
   <source>Unblock</source>
   <translation>Buka blokir</translation>
  </message>
 </context>
 <context>
  <name>timeline</name>
  <message numerus="yes">
   <source>%n new</source>
   <translation>
    <numerusform>%n baru</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n new message(s)</source>
   <translation>
    <numerusform>%n pesan baru</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%n page(s)</source>
   <translation>
    <numerusform>%n halaman</numerusform>
   </translation>
  </message>
  <message>
   <source>A program: it is not opened here</source>
   <translation>Program: tidak dibuka di sini</translation>
  </message>
  <message>
   <source>Automatic</source>
   <translation>Otomatis</translation>
  </message>
  <message>
   <source>Balas cannot show this kind of message yet</source>
   <translation>Balas belum bisa menampilkan jenis pesan ini</translation>
  </message>
  <message>
   <source>Balas cannot show this message. The error has been written down.</source>
   <translation>Balas tidak bisa menampilkan pesan ini. Kesalahannya sudah dicatat.</translation>
  </message>
  <message>
   <source>Chose from the list</source>
   <translation>Memilih dari daftar</translation>
  </message>
  <message>
   <source>Conversation</source>
   <translation>Percakapan</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Salin</translation>
  </message>
  <message>
   <source>Delivery history</source>
   <translation>Riwayat pengiriman</translation>
  </message>
  <message>
   <source>Details</source>
   <translation>Rincian</translation>
  </message>
  <message>
   <source>Discard</source>
   <translation>Buang</translation>
  </message>
  <message>
   <source>Edit</source>
   <translation>Sunting</translation>
  </message>
  <message>
   <source>Forwarded</source>
   <translation>Diteruskan</translation>
  </message>
  <message>
   <source>From an advertisement</source>
   <translation>Dari iklan</translation>
  </message>
  <message>
   <source>Hide details</source>
   <translation>Tutup rincian</translation>
  </message>
  <message>
   <source>In answer to</source>
   <translation>Membalas</translation>
  </message>
  <message>
   <source>Internal note</source>
   <translation>Catatan internal</translation>
  </message>
  <message>
   <source>Loading older messages…</source>
   <translation>Memuat pesan lama…</translation>
  </message>
  <message>
   <source>Locked</source>
   <translation>Terkunci</translation>
  </message>
  <message>
   <source>No</source>
   <translation>Tidak</translation>
  </message>
  <message>
   <source>Older messages come when the line is back</source>
   <translation>Pesan lama datang saat tersambung lagi</translation>
  </message>
  <message>
   <source>Open the map</source>
   <translation>Buka peta</translation>
  </message>
  <message>
   <source>Play</source>
   <translation>Putar</translation>
  </message>
  <message>
   <source>Pressed a button</source>
   <translation>Menekan tombol</translation>
  </message>
  <message>
   <source>Read more</source>
   <translation>Baca selengkapnya</translation>
  </message>
  <message>
   <source>Send anyway</source>
   <translation>Tetap kirim</translation>
  </message>
  <message>
   <source>Speed</source>
   <translation>Kecepatan</translation>
  </message>
  <message>
   <source>The file could not be fetched</source>
   <translation>Berkas tidak dapat diambil</translation>
  </message>
  <message>
   <source>This picture cannot be shown</source>
   <translation>Gambar ini tidak dapat ditampilkan</translation>
  </message>
  <message>
   <source>To the newest message (End)</source>
   <translation>Ke pesan terbaru (End)</translation>
  </message>
  <message>
   <source>Too large to show</source>
   <translation>Terlalu besar untuk ditampilkan</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Coba lagi</translation>
  </message>
  <message>
   <source>Twilio cannot say whether this was sent. Was it?</source>
   <translation>Twilio tidak tahu apakah pesan ini terkirim. Terkirim?</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Urungkan</translation>
  </message>
  <message>
   <source>Uploading {percent}%</source>
   <translation>Mengunggah {percent}%</translation>
  </message>
  <message>
   <source>What can be done: {fix}</source>
   <translation>Yang bisa dilakukan: {fix}</translation>
  </message>
  <message>
   <source>Write to this number</source>
   <translation>Tulis ke nomor ini</translation>
  </message>
  <message>
   <source>Written here</source>
   <translation>Ditulis di sini</translation>
  </message>
  <message>
   <source>Yes, it was sent</source>
   <translation>Ya, terkirim</translation>
  </message>
  <message>
   <source>a message that is not here</source>
   <translation>pesan yang tidak ada di sini</translation>
  </message>
 </context>
 <context>
  <name>times</name>
  <message>
   <source>Today</source>
   <translation>Hari ini</translation>
  </message>
  <message>
   <source>Yesterday</source>
   <translation>Kemarin</translation>
  </message>
  <message>
   <source>{days} d</source>
   <translation>{days} h</translation>
  </message>
  <message>
   <source>{hours} h</source>
   <translation>{hours} j</translation>
  </message>
  <message>
   <source>{hours} h {minutes} m</source>
   <translation>{hours} j {minutes} m</translation>
  </message>
  <message>
   <source>{minutes} min</source>
   <translation>{minutes} mnt</translation>
  </message>
 </context>
 <context>
  <name>toast</name>
  <message>
   <source>Close</source>
   <translation>Tutup</translation>
  </message>
 </context>
 <context>
  <name>tray</name>
  <message>
   <source>Hide names and texts</source>
   <translation>Sembunyikan nama dan isi</translation>
  </message>
  <message>
   <source>Lock now</source>
   <translation>Kunci sekarang</translation>
  </message>
  <message>
   <source>Notifications</source>
   <translation>Pemberitahuan</translation>
  </message>
  <message>
   <source>Open Balas</source>
   <translation>Buka Balas</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Keluar</translation>
  </message>
 </context>
 <context>
  <name>updates</name>
  <message>
   <source>A new version of Balas is there</source>
   <translation>Ada versi baru Balas</translation>
  </message>
  <message>
   <source>It is version {version}. You can go on working meanwhile.</source>
   <translation>Versinya {version}. Anda bisa terus bekerja sementara itu.</translation>
  </message>
  <message>
   <source>Please change to version {version} soon.</source>
   <translation>Segera pindah ke versi {version}.</translation>
  </message>
  <message>
   <source>This version of Balas is too old</source>
   <translation>Versi Balas ini terlalu lama</translation>
  </message>
  <message>
   <source>What is new</source>
   <translation>Apa yang baru</translation>
  </message>
 </context>
 <context>
  <name>viewer</name>
  <message>
   <source>Copy (Ctrl+C)</source>
   <translation>Salin (Ctrl+C)</translation>
  </message>
  <message>
   <source>Fit the window (0)</source>
   <translation>Paskan ke jendela (0)</translation>
  </message>
  <message>
   <source>Larger (+)</source>
   <translation>Perbesar (+)</translation>
  </message>
  <message>
   <source>Left</source>
   <translation>Kiri</translation>
  </message>
  <message>
   <source>Next ({key})</source>
   <translation>Berikutnya ({key})</translation>
  </message>
  <message>
   <source>Page {number} of {count}</source>
   <translation>Halaman {number} dari {count}</translation>
  </message>
  <message>
   <source>Play or pause (Space)</source>
   <translation>Putar atau jeda (Spasi)</translation>
  </message>
  <message>
   <source>Position</source>
   <translation>Posisi</translation>
  </message>
  <message>
   <source>Previous ({key})</source>
   <translation>Sebelumnya ({key})</translation>
  </message>
  <message>
   <source>Right</source>
   <translation>Kanan</translation>
  </message>
  <message>
   <source>Save as (Ctrl+S)</source>
   <translation>Simpan sebagai (Ctrl+S)</translation>
  </message>
  <message>
   <source>Save it and open it in another program.</source>
   <translation>Simpan, lalu buka di program lain.</translation>
  </message>
  <message>
   <source>Smaller (-)</source>
   <translation>Perkecil (-)</translation>
  </message>
  <message>
   <source>This document cannot be shown</source>
   <translation>Dokumen ini tidak dapat ditampilkan</translation>
  </message>
  <message>
   <source>This document is locked with a password</source>
   <translation>Dokumen ini terkunci kata sandi</translation>
  </message>
  <message>
   <source>This file cannot be shown here</source>
   <translation>Berkas ini tidak dapat ditampilkan di sini</translation>
  </message>
  <message>
   <source>This picture cannot be shown</source>
   <translation>Gambar ini tidak dapat ditampilkan</translation>
  </message>
  <message>
   <source>Turn (R)</source>
   <translation>Putar (R)</translation>
  </message>
 </context>
 <context>
  <name>views</name>
  <message>
   <source>Cancel</source>
   <translation>Batal</translation>
  </message>
  <message>
   <source>Forget “{name}”</source>
   <translation>Lupakan “{name}”</translation>
  </message>
  <message>
   <source>It stands among the views, on this computer.</source>
   <translation>Tersimpan di antara tampilan, di komputer ini.</translation>
  </message>
  <message>
   <source>Name of the view</source>
   <translation>Nama tampilan</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Simpan</translation>
  </message>
  <message>
   <source>Save this view</source>
   <translation>Simpan tampilan ini</translation>
  </message>
  <message>
   <source>Save this view…</source>
   <translation>Simpan tampilan ini…</translation>
  </message>
 </context>
 <context>
  <name>voice</name>
  <message>
   <source>Balas may not use the microphone. Allow it in the system's privacy settings.</source>
   <translation>Balas tidak diizinkan memakai mikrofon. Izinkan di pengaturan privasi sistem.</translation>
  </message>
  <message>
   <source>Go on (Esc)</source>
   <translation>Lanjutkan (Esc)</translation>
  </message>
  <message>
   <source>It is too long.</source>
   <translation>Terlalu panjang.</translation>
  </message>
  <message>
   <source>It stays here: try again.</source>
   <translation>Tetap ada di sini: coba lagi.</translation>
  </message>
  <message>
   <source>Listen (Space)</source>
   <translation>Dengarkan (Spasi)</translation>
  </message>
  <message>
   <source>No microphone was found. Plug one in and try again.</source>
   <translation>Mikrofon tidak ditemukan. Pasang dan coba lagi.</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Kirim</translation>
  </message>
  <message>
   <source>Send it as MP3, M4A or OGG.</source>
   <translation>Kirim sebagai MP3, M4A, atau OGG.</translation>
  </message>
  <message>
   <source>Send the voice message (Enter)</source>
   <translation>Kirim pesan suara (Enter)</translation>
  </message>
  <message>
   <source>Stop and listen (Space)</source>
   <translation>Berhenti dan dengarkan (Spasi)</translation>
  </message>
  <message>
   <source>The microphone does not answer. Another program may hold it.</source>
   <translation>Mikrofon tidak menjawab. Mungkin dipakai program lain.</translation>
  </message>
  <message>
   <source>This sound cannot be converted</source>
   <translation>Suara ini tidak dapat diubah</translation>
  </message>
  <message>
   <source>Throw away (Esc)</source>
   <translation>Buang (Esc)</translation>
  </message>
  <message>
   <source>Throw it away</source>
   <translation>Buang</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Coba lagi</translation>
  </message>
  <message>
   <source>Voice message</source>
   <translation>Pesan suara</translation>
  </message>
  <message>
   <source>Your voice message is not sent.</source>
   <translation>Pesan suara Anda belum dikirim.</translation>
  </message>
 </context>
 <context>
  <name>words</name>
  <message numerus="yes">
   <source>%n unread</source>
   <translation>
    <numerusform>%n belum dibaca</numerusform>
   </translation>
  </message>
  <message>
   <source>A colleague has replied since you wrote this.</source>
   <translation>Rekan sudah membalas sejak Anda menulis ini.</translation>
  </message>
  <message>
   <source>A file did not arrive in the storage.</source>
   <translation>Ada berkas yang tidak sampai di penyimpanan.</translation>
  </message>
  <message>
   <source>A value of the template is missing.</source>
   <translation>Ada nilai templat yang belum diisi.</translation>
  </message>
  <message>
   <source>Ask the customer to join the sandbox first.</source>
   <translation>Minta pelanggan bergabung ke sandbox dulu.</translation>
  </message>
  <message>
   <source>Begin again at once: balas queue resume.</source>
   <translation>Mulai lagi sekarang: balas queue resume.</translation>
  </message>
  <message>
   <source>Being sent</source>
   <translation>Sedang dikirim</translation>
  </message>
  <message>
   <source>Button answer</source>
   <translation>Jawaban tombol</translation>
  </message>
  <message>
   <source>Canceled</source>
   <translation>Dibatalkan</translation>
  </message>
  <message>
   <source>Change the text, or the file, and send it again.</source>
   <translation>Ganti teksnya, atau berkasnya, lalu kirim lagi.</translation>
  </message>
  <message>
   <source>Contact</source>
   <translation>Kontak</translation>
  </message>
  <message>
   <source>Customer</source>
   <translation>Pelanggan</translation>
  </message>
  <message>
   <source>Delivered</source>
   <translation>Sampai</translation>
  </message>
  <message>
   <source>Document</source>
   <translation>Dokumen</translation>
  </message>
  <message>
   <source>Draft: {text}</source>
   <translation>Draf: {text}</translation>
  </message>
  <message>
   <source>Event</source>
   <translation>Kejadian</translation>
  </message>
  <message>
   <source>File</source>
   <translation>Berkas</translation>
  </message>
  <message>
   <source>Handed to Twilio, no answer yet</source>
   <translation>Diserahkan ke Twilio, belum ada jawaban</translation>
  </message>
  <message>
   <source>High</source>
   <translation>Tinggi</translation>
  </message>
  <message>
   <source>List answer</source>
   <translation>Jawaban daftar</translation>
  </message>
  <message>
   <source>Location</source>
   <translation>Lokasi</translation>
  </message>
  <message>
   <source>Low</source>
   <translation>Rendah</translation>
  </message>
  <message>
   <source>Message</source>
   <translation>Pesan</translation>
  </message>
  <message>
   <source>More than 24 hours since the customer wrote.</source>
   <translation>Lebih dari 24 jam sejak pelanggan menulis.</translation>
  </message>
  <message>
   <source>Next look at {time}.</source>
   <translation>Diperiksa lagi pukul {time}.</translation>
  </message>
  <message>
   <source>No clear answer from Twilio</source>
   <translation>Tidak ada jawaban jelas dari Twilio</translation>
  </message>
  <message>
   <source>Normal</source>
   <translation>Biasa</translation>
  </message>
  <message>
   <source>Not delivered</source>
   <translation>Tidak sampai</translation>
  </message>
  <message>
   <source>Not known whether it was sent</source>
   <translation>Belum diketahui apakah terkirim</translation>
  </message>
  <message>
   <source>Not sent</source>
   <translation>Gagal terkirim</translation>
  </message>
  <message>
   <source>Only the customer can change that, by writing START.</source>
   <translation>Hanya pelanggan yang bisa mengubahnya, dengan menulis START.</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Terbuka</translation>
  </message>
  <message>
   <source>Photo</source>
   <translation>Foto</translation>
  </message>
  <message>
   <source>Reach the customer by SMS or phone, or ask for another number.</source>
   <translation>Hubungi lewat SMS atau telepon, atau minta nomor lain.</translation>
  </message>
  <message>
   <source>Read</source>
   <translation>Dibaca</translation>
  </message>
  <message>
   <source>Received</source>
   <translation>Diterima</translation>
  </message>
  <message>
   <source>Refused by Twilio</source>
   <translation>Ditolak Twilio</translation>
  </message>
  <message>
   <source>Replies wait here and leave by themselves.</source>
   <translation>Balasan menunggu di sini dan berangkat dengan sendirinya.</translation>
  </message>
  <message>
   <source>Resolved</source>
   <translation>Selesai</translation>
  </message>
  <message>
   <source>Scheduled</source>
   <translation>Terjadwal</translation>
  </message>
  <message>
   <source>Send an approved template, or wait until the customer writes.</source>
   <translation>Kirim templat yang disetujui, atau tunggu pelanggan menulis.</translation>
  </message>
  <message>
   <source>Send the file in another format, or smaller.</source>
   <translation>Kirim berkas dalam format lain, atau lebih kecil.</translation>
  </message>
  <message>
   <source>Sending has stopped.</source>
   <translation>Pengiriman berhenti.</translation>
  </message>
  <message>
   <source>Sent</source>
   <translation>Terkirim</translation>
  </message>
  <message>
   <source>Sent, not delivered for {hours} h</source>
   <translation>Terkirim, belum sampai selama {hours} jam</translation>
  </message>
  <message>
   <source>Settled</source>
   <translation>Dipastikan</translation>
  </message>
  <message>
   <source>Snoozed</source>
   <translation>Ditunda</translation>
  </message>
  <message>
   <source>Something changed since you wrote this.</source>
   <translation>Ada yang berubah sejak Anda menulis ini.</translation>
  </message>
  <message>
   <source>Sticker</source>
   <translation>Stiker</translation>
  </message>
  <message>
   <source>Taken by Twilio</source>
   <translation>Diterima Twilio</translation>
  </message>
  <message>
   <source>Tell the administrator; nothing is wrong with your text.</source>
   <translation>Beri tahu administrator; teks Anda tidak salah.</translation>
  </message>
  <message>
   <source>Template</source>
   <translation>Templat</translation>
  </message>
  <message>
   <source>The 24-hour window closed before this left: only a template can be sent.</source>
   <translation>Jendela 24 jam tutup sebelum ini terkirim: hanya templat yang dapat dikirim.</translation>
  </message>
  <message>
   <source>The conversation is no longer there.</source>
   <translation>Percakapan ini sudah tidak ada.</translation>
  </message>
  <message>
   <source>The customer has written since you wrote this.</source>
   <translation>Pelanggan sudah menulis lagi sejak Anda menulis ini.</translation>
  </message>
  <message>
   <source>The customer opted out of messages.</source>
   <translation>Pelanggan berhenti menerima pesan.</translation>
  </message>
  <message>
   <source>The message was empty.</source>
   <translation>Pesannya kosong.</translation>
  </message>
  <message>
   <source>The text is longer than 1600 characters.</source>
   <translation>Teks lebih dari 1600 karakter.</translation>
  </message>
  <message>
   <source>This contact is blocked.</source>
   <translation>Kontak ini diblokir.</translation>
  </message>
  <message>
   <source>Too many files in one reply.</source>
   <translation>Terlalu banyak berkas dalam satu balasan.</translation>
  </message>
  <message>
   <source>Try again; if it fails again, tell the administrator.</source>
   <translation>Coba lagi; jika gagal lagi, beri tahu administrator.</translation>
  </message>
  <message>
   <source>Twilio was busy or away; tried again later</source>
   <translation>Twilio sibuk atau tidak menjawab; dicoba lagi nanti</translation>
  </message>
  <message>
   <source>Unsupported message</source>
   <translation>Pesan belum didukung</translation>
  </message>
  <message>
   <source>Urgent</source>
   <translation>Mendesak</translation>
  </message>
  <message>
   <source>Video</source>
   <translation>Video</translation>
  </message>
  <message>
   <source>Voice message</source>
   <translation>Pesan suara</translation>
  </message>
  <message>
   <source>Waiting for the network</source>
   <translation>Menunggu jaringan</translation>
  </message>
  <message>
   <source>Waiting to be sent</source>
   <translation>Menunggu dikirim</translation>
  </message>
  <message>
   <source>Waiting: {why}</source>
   <translation>Menunggu: {why}</translation>
  </message>
  <message>
   <source>Waits for you</source>
   <translation>Menunggu Anda</translation>
  </message>
  <message>
   <source>WhatsApp has not approved this template.</source>
   <translation>WhatsApp belum menyetujui templat ini.</translation>
  </message>
  <message>
   <source>You</source>
   <translation>Anda</translation>
  </message>
  <message>
   <source>You no longer have access to this inbox.</source>
   <translation>Anda tidak lagi punya akses ke kotak masuk ini.</translation>
  </message>
  <message>
   <source>colleague replied</source>
   <translation>rekan membalas</translation>
  </message>
  <message>
   <source>customer wrote</source>
   <translation>pelanggan menulis</translation>
  </message>
  <message>
   <source>something changed</source>
   <translation>ada yang berubah</translation>
  </message>
  <message>
   <source>window closed</source>
   <translation>jendela tutup</translation>
  </message>
  <message>
   <source>{name} is empty.</source>
   <translation>{name} kosong.</translation>
  </message>
  <message>
   <source>{name} is of a type that {network} does not take. It takes photos (JPEG, PNG), documents ({documents}), MP4 video and common audio, up to {limit}.</source>
   <translation>{network} tidak menerima jenis berkas {name}. Yang diterima: foto (JPEG, PNG), dokumen ({documents}), video MP4, dan audio umum, sampai {limit}.</translation>
  </message>
  <message>
   <source>{name} is too large: {network} takes at most {limit}.</source>
   <translation>{name} terlalu besar: {network} menerima paling besar {limit}.</translation>
  </message>
  <message>
   <source>{network} takes at most {count} files in one reply.</source>
   <translation>{network} menerima paling banyak {count} berkas dalam satu balasan.</translation>
  </message>
 </context>
</TS>
