"""The words of the field team's workbook, in English and in Bahasa Indonesia."""

from __future__ import annotations

from impacteval.survey.answer_lines import EMPTY

# The sign says what the colour says, to those who do not see it.
SEVERITY_SIGNS = {"error": "■ error", "warning": "▲ warning", "info": "○ info"}

READ_ME: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "What to do",
        (
            "1. Go to the sheet To do. Each row is one thing in the data that looks wrong. Begin with ■ "
            "error: until these are answered, no results are made. Then ▲ warning. ○ info needs no "
            "answer.",
            "2. Read what is wrong and the suggestion. Find out what is right: call the enterprise back, "
            "visit it again, look at a photo of the document, or at the form. Never guess.",
            "3. Fill in the yellow columns of that row. Leave a row empty if you do not know yet.",
            "4. Send the workbook back. Do not change the other columns; you may sort and filter.",
        ),
    ),
    (
        "The yellow columns",
        (
            "action - replace: the value is wrong, new_value is right. recode: an open answer gets the "
            "code new_value. newid: the row has the wrong enterprise number, new_value is the right one. "
            "drop: the interview should not count, for instance because it was sent twice. okay: the "
            "value is right.",
            f"new_value - as it would stand in the data: a number without its unit. Write {EMPTY} to take "
            "a value out. Where value shown has parts with | between them, write all of them, those that "
            "stay and those that change. For drop and okay leave it empty.",
            "reason - what you found out, in a few words. Do not write names or telephone numbers.",
            "source - how you found out: call-back, re-interview, photo, logic or form.",
            "error_by, confirmed_by - who made the mistake, and who confirmed the right value, if known.",
            "decided_by, decided_on - who decides, and the day as 2026-03-31.",
            "Two rows of one enterprise in one round: answer all of them. Choose drop or newid for those "
            "that are wrong and okay for the one that is right.",
            "Where partner is not empty, two interviews were compared: this row and partner. okay says that "
            "these two are right as they are.",
            "Values that are confidential are shown as [confidential]; you can correct them all the same.",
        ),
    ),
    (
        "Many rows of one cause",
        (
            "A row of the sheet To do with 0 under row can stand for many rows that have one cause. "
            "One answer there is the answer for all of them: okay, or replace and recode where all hold "
            "the same value. The rows are in the sheet Rows of one cause. Answer there those that differ; "
            "an answer there goes before the one for all.",
        ),
    ),
    (
        "The recode sheet",
        (
            "If there is a sheet Recode sheet: each row is a text that was typed under other, and in how "
            "many interviews (n_rows). Where it is one of the answers of the list, write the code of that "
            "answer in new_code, and fill in the other yellow columns. All these interviews get the code. "
            "proposed_code is a proposal only. Leave a row empty where other is right.",
        ),
    ),
    (
        "Yang harus dilakukan",
        (
            "1. Buka lembar To do. Setiap baris adalah satu hal dalam data yang tampaknya keliru. "
            "Mulailah dari ■ error: selama belum dijawab, hasil tidak dibuat. Lalu ▲ warning. ○ info "
            "tidak perlu dijawab.",
            "2. Baca apa yang keliru (what is wrong) dan sarannya (suggestion). Cari tahu yang benar: "
            "telepon kembali perusahaan, kunjungi lagi, lihat foto dokumen atau formulirnya. Jangan "
            "menebak.",
            "3. Isi kolom kuning pada baris itu. Biarkan kosong jika belum tahu.",
            "4. Kirim kembali berkas ini. Jangan mengubah kolom lain; boleh mengurutkan dan menyaring.",
        ),
    ),
    (
        "Kolom kuning",
        (
            "action - replace: nilai keliru, new_value yang benar. recode: jawaban terbuka diberi kode "
            "new_value. newid: nomor perusahaan keliru, new_value nomor yang benar. drop: wawancara "
            "tidak dihitung, misalnya karena terkirim dua kali. okay: nilai sudah benar.",
            f"new_value - seperti yang seharusnya ada dalam data: angka tanpa satuan. Tulis {EMPTY} untuk "
            "mengosongkan nilai. Jika value shown terdiri atas bagian-bagian dengan | di antaranya, "
            "tulis semua bagian, yang tetap dan yang berubah. Untuk drop dan okay biarkan kosong.",
            "reason - apa yang Anda ketahui, dengan singkat. Jangan menulis nama atau nomor telepon.",
            "source - dari mana Anda tahu: call-back (telepon), re-interview (wawancara ulang), photo "
            "(foto), logic (logika) atau form (formulir).",
            "error_by, confirmed_by - siapa yang keliru, dan siapa yang memastikan nilai yang benar, "
            "jika diketahui.",
            "decided_by, decided_on - siapa yang memutuskan, dan tanggalnya seperti 2026-03-31.",
            "Dua baris dari satu perusahaan dalam satu putaran: jawab semuanya. Pilih drop atau newid "
            "untuk yang keliru dan okay untuk yang benar.",
            "Jika partner tidak kosong, dua wawancara dibandingkan: baris ini dan partner. okay berarti "
            "kedua wawancara itu sudah benar.",
            "Nilai rahasia tampil sebagai [confidential]; nilai itu tetap dapat diperbaiki.",
        ),
    ),
    (
        "Banyak baris dengan satu sebab",
        (
            "Satu baris di lembar To do dengan 0 di kolom row dapat mewakili banyak baris dengan satu sebab. "
            "Satu jawaban di sana berlaku untuk semuanya: okay, atau replace dan recode jika semua "
            "nilainya sama. Baris-baris itu ada di lembar Rows of one cause. Jawab di sana yang berbeda; "
            "jawaban di sana didahulukan.",
        ),
    ),
    (
        "Lembar Recode sheet",
        (
            "Jika ada lembar Recode sheet: setiap baris adalah teks yang ditulis di bawah jawaban lainnya "
            "(other) dan jumlah wawancaranya (n_rows). Jika teks itu sama dengan salah satu jawaban dalam "
            "daftar, tulis kode jawaban itu di new_code dan isi kolom kuning lainnya. Semua wawancara "
            "itu mendapat kode tersebut. proposed_code hanyalah usulan. Biarkan kosong jika lainnya "
            "memang benar.",
        ),
    ),
)
