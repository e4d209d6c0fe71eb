//! Text that is not written as it should be: what is wrong with a record is a problem of that record, and no record is lost
//! without a word.

use crate::import::import_text;
use crate::support::{Db, Run};

const HEADER: &str = "metric_number,name,description,current,target,unit,direction,owner\n";

/// Records of which some end in an empty cell, one has a comma and one a line end in quotes.
const RECORDS: [&str; 5] = [
    "K-1,Phishing reports,\"Mails, told within an hour\",40,60,%,higher,Ines",
    "K-2,Admins with keys,,7,9,count,higher,",
    "K-3,Restores tried,\"Each quarter,\nof all systems\",2,4,count,higher,Udo",
    "K-4,Laptops encrypted,Disk and card,88,100,%,higher,",
    "K-5,Vendors asked,,12,30,count,higher,Ines",
];

fn sheet(changed: usize, record: &str) -> String {
    let records: Vec<&str> = (0..5).map(|at| if at == changed { record } else { RECORDS[at] }).collect();
    format!("{HEADER}{}\n", records.join("\n"))
}

fn stored(db: &Db) -> Vec<String> {
    db.rows("SELECT original_data -> 'parsed' ->> 'metric_number' FROM metric_catalog_items ORDER BY 1")
}

/// What an import without and one with `--allow-partial` come to, each in a catalog of its own.
fn tried(sheet: impl AsRef<[u8]>, options: &[&str]) -> (Run, Run, Vec<String>) {
    let db = Db::seeded();
    let whole = import_text(&db, &sheet, options);
    let before = stored(&db);
    assert!(whole.code == 0 || before.is_empty(), "{before:?}");
    let partial = import_text(&db, &sheet, &[options, &["--allow-partial", "--again", "--name", "Part"]].concat());
    let numbers = stored(&db);
    (whole, partial, numbers)
}

#[test]
fn a_record_that_is_written_wrong_is_kept_out_and_named_and_takes_no_other_with_it() {
    for (at, record, reason) in [
        (0, "K-1,\"Phishing reports,,40,60,%,higher,Ines", "a quote opens here and is not closed"),
        (1, "K-2,Admins with keys,,7,9,\"count,higher,", "a quote opens here and is not closed"),
        (4, "K-5,Vendors asked,,12,30,\"count,higher,Ines", "a quote opens here and is not closed"),
        (3, "K-4,\"Laptops encrypted,\"Disk, and card\",88,100,%,higher,", "text follows a closing quote"),
        (3, "K-4,\"Laptops\" encrypted,,88,100,%,higher,", "text follows a closing quote"),
        (3, "K-4,Laptops encrypted\"Disk, and card\",88,100,%,higher,", "there is a quote inside a cell"),
        (3, "K-4,Laptops encrypted,,\"88,100,%,higher,", "a quote opens here and is not closed"),
        (3, "K-4;Laptops encrypted;Disk and card;88;100;%;higher;", "does not use the delimiter of the other records"),
        (3, "K-4|Laptops encrypted|Disk and card|88|100|%|higher|Jo", "does not use the delimiter of the other records"),
        (3, "\"K-4,Laptops encrypted,Disk and card,88,100,%,higher,\"", "does not use the delimiter of the other records"),
        (3, "'K-4','Laptops encrypted','Disk and card','88','100','%','higher',''", "has single quotes around its cells"),
        (3, "# K-4,Laptops encrypted,Disk and card,88,100,%,higher,", "the record begins with `#`"),
        (3, "K-4,Laptops encrypted,Disk and card,88", "the row has 4 cells, but the header has 8"),
        (3, "K-4,Laptops encrypted88,100,%,higher,Jo", "the row has 6 cells, but the header has 8"),
        (3, "K-4,Laptops encrypted,,Disk and card,88,100,%,higher,", "the row has 9 cells, but the header has 8"),
    ] {
        let (whole, partial, numbers) = tried(sheet(at, record), &[]);
        whole.fails(65, reason);
        assert_eq!(partial.code, 3, "{record}: {}", partial.stderr);
        let others: Vec<String> = (1..=5).filter(|number| number - 1 != at).map(|number| format!("K-{number}")).collect();
        assert_eq!(numbers, others, "{record}: {}", partial.stderr);
    }
}

#[test]
fn a_last_line_that_is_cut_off_is_a_problem() {
    let whole = sheet(9, "");
    for end in ["Vendors asked,,12,30", ",Vendors asked", "ors asked,,12,30,count,higher,Ines"] {
        let cut = &whole[..whole.find(end).expect("the end")];
        let (refused, partial, numbers) = tried(cut, &[]);
        refused.fails(65, "the file ends within this record");
        assert_eq!((partial.code, numbers.len()), (3, 4), "{cut}: {}", partial.stderr);
    }
    let (whole, ..) = tried(whole.trim_end(), &[]);
    whole.ok();
}

#[test]
fn records_that_all_end_early_are_whole() {
    let db = Db::seeded();
    let run = import_text(&db, "name,target,owner,note\nA,1\nB,2\nC,3,Jo\nD,4,Jo,x\n", &[]).ok();
    assert!(run.stdout.contains("3 records with fewer cells than the header"), "{}", run.stdout);
    import_text(&db, "name,target,owner\nA,1,,\nB,2,Jo,\n", &["--name", "Longer"]).ok();
}

#[test]
fn a_header_that_is_not_one_is_refused() {
    let open = sheet(9, "").replacen("unit,", "\"unit,", 1);
    let run_on = sheet(9, "").replacen('\n', "", 1);
    for (sheet, reason) in [(open, "a quote opens here and is not closed"), (run_on, "no record has more than 8")] {
        let (whole, partial, numbers) = tried(sheet, &[]);
        whole.fails(65, reason);
        partial.fails(65, reason);
        assert_eq!(numbers, Vec::<String>::new());
    }
}

#[test]
fn a_column_with_values_and_no_header_is_asked_about() {
    for (header, letter, field) in
        [("current", "D", "current_value"), ("owner", "H", "owner"), ("metric_number", "A", "metric_number")]
    {
        let sheet = sheet(9, "").replacen(header, "", 1);
        let db = Db::seeded();
        import_text(&db, &sheet, &[]).fails(65, &format!("column {letter} has values and no header"));
        import_text(&db, &sheet, &["--map", &format!("{field}={letter}"), "--name", "With"]).ok();
        import_text(&db, &sheet, &["--map", &format!("={letter}"), "--name", "Without", "--again"]).ok();
        let filled = db.rows(
            "SELECT concat_ws(' ', c.name, count(i.current_value), count(i.original_data #>> '{parsed,owner}'), count(i.original_data #>> '{parsed,metric_number}'))
             FROM metric_catalogs c JOIN metric_catalog_items i ON c.id = i.catalog_id GROUP BY c.name ORDER BY c.name",
        );
        let without = match letter {
            "D" => "Without 0 3 5",
            "H" => "Without 5 0 5",
            _ => "Without 5 3 0",
        };
        assert_eq!(filled, ["With 5 3 5", without], "{letter}");
    }
    // The running numbers of an export are no column.
    let db = Db::seeded();
    import_text(&db, ",name,target\n0,A,1\n1,B,2\n2,C,3\n", &[]).ok();
}

#[test]
fn quotes_and_ends_that_are_the_same_in_all_of_a_file_are_read() {
    for (sheet, names) in [
        ("id, name, target, owner\n1, \"Mails, told\", 5, \"Ines\"\n2, \"Admins\" , 6, \"Udo\"\n", ["Mails, told", "Admins"]),
        ("id; name; target; owner\n1; \"Mails; told\"; 5; \"Ines\"\n2; \"Admins\" ; 6; \"Udo\"\n", ["Mails; told", "Admins"]),
        ("id,name,target,owner\n1,'Mails, told',5,'Ines'\n2,'Admins',6,'Udo'\n", ["Mails, told", "Admins"]),
        (
            "id,name,target,owner\n1,\"Mails \\\"told\\\"\",5,\"Ines\"\n2,\"The \\\"Admins\\\"\",6,Udo\n",
            ["Mails \"told\"", "The \"Admins\""],
        ),
        ("id,name,target,owner;\n1,\"Mails, told\",5,\"Ines\";\n2,Admins,6,Udo;\n", ["Mails, told", "Admins"]),
    ] {
        let db = Db::seeded();
        import_text(&db, sheet, &[]).ok();
        let stored = db
            .rows("SELECT name || '|' || (original_data #>> '{parsed,owner}') FROM metric_catalog_items ORDER BY target_value");
        assert_eq!(stored, [format!("{}|Ines", names[0]), format!("{}|Udo", names[1])], "{sheet}");
    }
}

#[test]
fn a_byte_that_is_not_utf_8_is_a_problem_of_its_record() {
    let mixed = sheet(1, "K-2,Sch\u{fc}ler geprüft,,7,9,count,higher,").replace("Udo", "Andr@").into_bytes();
    let mixed: Vec<u8> = mixed.into_iter().map(|byte| if byte == b'@' { 0xe9 } else { byte }).collect();
    let (whole, partial, numbers) = tried(&mixed, &[]);
    whole.fails(65, "a byte that is not UTF-8");
    assert!(partial.stdout.contains("the first of them 0xE9 in line 5"), "{}", partial.stdout);
    assert_eq!((partial.code, numbers), (3, ["K-1", "K-2", "K-4", "K-5"].map(str::to_owned).to_vec()));
}

#[test]
fn the_encoding_is_told_where_the_bytes_say_it_and_asked_where_they_do_not() {
    let encoded = |encoding: &'static encoding_rs::Encoding, owner: &str| {
        let sheet = sheet(9, "").replace("Ines", owner).replace("Udo", owner);
        encoding.encode(&sheet).0.into_owned()
    };
    for (encoding, owner) in [
        (encoding_rs::WINDOWS_1252, "Jörg Weiß"),
        (encoding_rs::SHIFT_JIS, "情報セキュリティ部の山田太郎"),
        (encoding_rs::GBK, "信息安全部门的王小明"),
        (encoding_rs::WINDOWS_1251, "Сергей Иванов из отдела защиты"),
    ] {
        let db = Db::seeded();
        let run = import_text(&db, encoded(encoding, owner), &[]).ok();
        assert!(run.stdout.contains("the text is not UTF-8, but its letters make words"), "{}", run.stdout);
        let owners = db.rows("SELECT DISTINCT original_data -> 'parsed' ->> 'owner' FROM metric_catalog_items WHERE original_data -> 'parsed' ? 'owner' ORDER BY 1");
        assert!(owners.contains(&owner.to_owned()), "{owners:?}");
    }
    // `Jörg Weiß` as a Mac and as DOS wrote it: a capital within a word, and a control character.
    for owner in [&b"J\x9arg Wei\xa7er"[..], b"J\x94rg Wei\xe1, M\x81ller"] {
        let sheet: Vec<u8> = sheet(9, "")
            .replace("Ines", "@")
            .bytes()
            .flat_map(|byte| if byte == b'@' { owner.to_vec() } else { vec![byte] })
            .collect();
        let (whole, ..) = tried(&sheet, &["--encoding", "utf-8"]);
        assert_ne!(whole.code, 0);
        let db = Db::seeded();
        import_text(&db, &sheet, &[]).fails(65, "cmf cannot tell its encoding");
    }
}

#[test]
fn marks_that_are_no_text_are_taken_off_or_named() {
    let db = Db::seeded();
    import_text(&db, sheet(2, "\u{feff}K-3,Restores tried,,2,4,count,higher,Udo"), &[]).ok();
    assert_eq!(stored(&db)[2], "K-3");
    let (whole, partial, numbers) = tried(sheet(2, "K-3,Restores\0 tried,,2,4,count,higher,Udo"), &[]);
    whole.fails(65, "a NUL character");
    assert_eq!((partial.code, numbers.len()), (3, 4));
}
