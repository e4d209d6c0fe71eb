use super::*;

/// A container whose workbook lies in the small sectors 1 and 0, in this order.
fn small(stream: &[u8]) -> Vec<u8> {
    let mut sectors = vec![0_u8; 5 * 512];
    let mut put = |at: usize, bytes: &[u8]| sectors[at..at + bytes.len()].copy_from_slice(bytes);
    let ids = |ids: &[u32]| ids.iter().flat_map(|id| id.to_le_bytes()).collect::<Vec<u8>>();
    put(0, &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    put(30, &[9, 0, 6, 0]);
    // One sector of the table, then where the directory and the table of small sectors start, and no more of either.
    put(44, &ids(&[1, 1]));
    put(56, &ids(&[4096, 2, 1, END, 0, 0]));
    put(80, &[0xff; 108 * 4]);
    put(512, &[0xff; 512]);
    put(512, &ids(&[0xffff_fffd, END, END, END]));
    let name = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    put(1024, &name("Root Entry"));
    put(1024 + 116, &ids(&[3, 512]));
    put(1024 + 128, &name("Workbook"));
    put(1024 + 128 + 116, &ids(&[1, u32::try_from(stream.len()).unwrap()]));
    put(1536, &[0xff; 512]);
    put(1536, &ids(&[END, 0]));
    let (first, second) = stream.split_at(64);
    put(2048 + 64, first);
    put(2048, second);
    sectors
}

#[test]
fn a_small_workbook_is_found_in_the_small_sectors() {
    let content: Vec<u8> = (0..100).collect();
    let bytes = small(&content);
    let stream = Container::new(&bytes).unwrap().workbook().unwrap();
    let read: Vec<u8> = (0..).map_while(|at| stream.byte(&bytes, at)).collect();
    assert_eq!(read, content);
}

#[test]
fn shared_texts_are_as_long_as_their_flags_say() {
    let text = |count: u16, flags: u8, rest: &[u8]| [&count.to_le_bytes()[..], &[flags], rest].concat();
    // A wide one, a narrow one, one with a format of 4 bytes, and one with 2 bytes of phonetics.
    let mut bytes = [
        vec![0; 8],
        text(2, 1, b"a\0b\0"),
        text(3, 0, b"abc"),
        text(1, 8, &[&[1, 0][..], b"a", &[0; 4]].concat()),
        text(4, 4, &[&[2, 0, 0, 0][..], b"abcd", &[0; 2]].concat()),
        text(5, 0, b"abcde"),
    ]
    .concat();
    let size = bytes.len();
    let stream = Stream { pieces: vec![0], piece: size, size };
    let (bounds, weight) = (Bounds::new(1), Weight::default());
    let mut walk = Walk { stream: &stream, bytes: &mut bytes, bounds, weight, texts: Vec::new(), changed: false };
    walk.texts(&[(0, size)]).unwrap();
    assert_eq!(walk.texts, [2, 3, 1, 4, 5].map(|characters| characters * 3));
}

#[test]
fn each_formula_has_a_place_in_memory_beside_its_cell() {
    let memory = |cells, formulas| Weight { cells, formulas, ..Weight::default() }.memory();
    assert_eq!((memory(1000, 1000) - memory(1000, 0), memory(1000, 0)), (64_000, 80_000));
}
