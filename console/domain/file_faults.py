"""Why a customer's file is not here, in plain words: the codes in a media element's `error`."""

from __future__ import annotations

from console.domain.twilio_codes import Words

FILE_FAULTS: dict[str, Words] = {
    "not_found": Words(
        "Twilio no longer has this file.",
        "Twilio sudah tidak memiliki berkas ini.",
    ),
    "refused": Words(
        "Twilio did not let us fetch this file. Tell the administrator.",
        "Twilio tidak mengizinkan kami mengambil berkas ini. Beri tahu administrator.",
    ),
    "unreachable": Words(
        "The place of this file could not be reached.",
        "Tempat berkas ini tidak dapat dijangkau.",
    ),
    "too_slow": Words(
        "The file came too slowly.",
        "Berkas datang terlalu lambat.",
    ),
    "cut_off": Words(
        "The file was cut off on the way.",
        "Berkas terpotong di tengah jalan.",
    ),
    "wrong_type": Words(
        "A web page came in place of this file.",
        "Yang datang halaman web, bukan berkas ini.",
    ),
    "empty": Words("The file is empty.", "Berkas ini kosong."),
    "too_large": Words(
        "The file is larger than 100 MB.",
        "Berkas ini lebih besar dari 100 MB.",
    ),
    "redirect_loop": Words(
        "The address of this file leads in circles.",
        "Alamat berkas ini berputar-putar.",
    ),
    "unsafe_address": Words(
        "The address of this file is not safe to open.",
        "Alamat berkas ini tidak aman untuk dibuka.",
    ),
    "storage": Words(
        "Our storage did not take this file.",
        "Penyimpanan kami tidak menerima berkas ini.",
    ),
    "expired": Words(
        "This file was kept as long as the rules say, and is deleted now.",
        "Berkas ini disimpan selama yang ditentukan, dan kini sudah dihapus.",
    ),
}
