//! One ZIP file of several in memory (PKWARE APPNOTE 6.3.10, §4.3). The same files always make the same bytes: their order
//! is that of their names, and all times are the earliest there is. It knows no directories and no file of 4 GiB.

use flate2::{Compression, Crc, write::DeflateEncoder};
use std::collections::BTreeMap;
use std::io::{self, Write as _};

/// 1980-01-01, 00:00 in the time and date of MS-DOS, the earliest there is (§4.4.6).
const MOMENT: [u8; 4] = [0, 0, 0b0010_0001, 0];
/// What is needed to read it: deflate, version 2.0 (§4.4.3).
const NEEDED: u16 = 20;
/// Made on Unix, by version 2.0 of the format (§4.4.2).
const MADE: u16 = 3 << 8 | NEEDED;
/// Names are UTF-8 (§4.4.4, bit 11).
const UTF8: u16 = 1 << 11;
/// Deflate (§4.4.5).
const DEFLATE: u16 = 8;
/// A plain file that everybody may read (§4.4.15, the upper half is Unix's mode).
const MODE: u32 = 0o100_644 << 16;

/// The ZIP file with these files, in a directory of this name.
///
/// # Errors
/// When there is more than the format without extensions can hold: 65,535 files, 4 GiB.
pub(super) fn zip(directory: &str, files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let name = format!("{directory}/{name}");
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content)?;
        let packed = encoder.finish()?;
        let mut crc = Crc::new();
        crc.update(content);
        let mut shared = Vec::new();
        for part in [NEEDED, UTF8, DEFLATE] {
            shared.extend(part.to_le_bytes());
        }
        shared.extend(MOMENT);
        for part in [crc.sum(), short(packed.len())?, short(content.len())?] {
            shared.extend(part.to_le_bytes());
        }
        shared.extend(tiny(name.len())?.to_le_bytes());
        // No extra field.
        shared.extend([0; 2]);
        let at = short(out.len())?;
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(name.as_bytes());
        out.extend(&packed);
        central.extend(b"PK\x01\x02");
        central.extend(MADE.to_le_bytes());
        central.extend(&shared);
        // No comment, the first disk, bytes rather than text.
        central.extend([0; 6]);
        central.extend(MODE.to_le_bytes());
        central.extend(at.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let (at, size, count) = (short(out.len())?, short(central.len())?, tiny(files.len())?);
    out.extend(central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    out.extend([0; 2]);
    Ok(out)
}

fn short(size: usize) -> io::Result<u32> {
    u32::try_from(size).map_err(|_| io::Error::other("more than 4 GiB do not fit into a ZIP file"))
}

fn tiny(size: usize) -> io::Result<u16> {
    u16::try_from(size).map_err(|_| io::Error::other("more than 65,535 files do not fit into a ZIP file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn another_program_reads_what_was_put_in() {
        let mut files = BTreeMap::new();
        files.insert("a/é.txt".to_owned(), b"the same again, the same again, the same again".to_vec());
        files.insert("b.bin".to_owned(), (0..=255).cycle().take(100_000).collect());
        files.insert("empty".to_owned(), Vec::new());
        let bytes = zip("pack", &files).unwrap();
        assert_eq!(bytes, zip("pack", &files).unwrap());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        std::fs::write(&path, bytes).unwrap();
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                      z.extractall(sys.argv[2]); print([i.filename for i in z.infolist()], z.infolist()[0].date_time)";
        let output = Command::new("python3").arg("-c").arg(script).args([&path, dir.path()]).output();
        let output = output.expect("Python 3 is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "['pack/a/é.txt', 'pack/b.bin', 'pack/empty'] (1980, 1, 1, 0, 0, 0)"
        );
        for (name, content) in &files {
            assert_eq!(std::fs::read(dir.path().join("pack").join(name)).unwrap(), *content, "{name}");
        }
    }
}
