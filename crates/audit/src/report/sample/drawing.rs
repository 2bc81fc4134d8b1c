//! A picture for samples, so that reports with screenshots are tested without a browser. Knows no site.

use crate::seen::Picture;
use base64::Engine as _;

/// A picture of a page with a notice on it: a PNG of few colours, stored without compression (RFC 2083, RFC 1950).
pub(in crate::report) fn picture(width: u32, height: u32, notice: bool) -> Picture {
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        for x in 0..width {
            let (u, v) = (x * 100 / width, y * 100 / height);
            raw.push(match () {
                () if notice && v > 62 && (6..94).contains(&u) && v < 94 => match (u, v) {
                    (60..=74, 80..=89) => 3,
                    (77..=91, 80..=89) => 2,
                    _ => 4,
                },
                () if v < 9 => 3,
                () if (6..50).contains(&u) && (14..50).contains(&v) => 2,
                () if (53..94).contains(&u) && v > 13 && v % 6 < 2 => 1,
                () if (6..50).contains(&u) && v > 52 && v % 6 < 2 => 1,
                () => 0,
            });
        }
    }
    let mut zlib = vec![0x78, 0x01];
    let mut blocks = raw.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let size = u16::try_from(block.len()).unwrap();
        zlib.push(u8::from(blocks.peek().is_none()));
        zlib.extend(size.to_le_bytes());
        zlib.extend((!size).to_le_bytes());
        zlib.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in &raw {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    zlib.extend(((b << 16) | a).to_be_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 3, 0, 0, 0]);
    chunk(&mut png, *b"IHDR", &head);
    let palette = [[255, 253, 249], [190, 184, 174], [205, 216, 222], [29, 28, 26], [240, 232, 214]];
    chunk(&mut png, *b"PLTE", &palette.concat());
    chunk(&mut png, *b"IDAT", &zlib);
    chunk(&mut png, *b"IEND", &[]);
    let data = base64::engine::general_purpose::STANDARD.encode(png);
    Picture { kind: "image/png".to_owned(), width, height, data }
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let mut sum = u32::MAX;
    for byte in name.iter().chain(data) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    png.extend(name);
    png.extend(data);
    png.extend((!sum).to_be_bytes());
}
