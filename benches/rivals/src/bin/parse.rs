//! Reads every file of a directory, and perhaps parses it: `parse floor|serde_json|sonic DIRECTORY…`. One thread.

use std::hint::black_box;
use std::path::Path;

fn main() {
    let mut words = std::env::args().skip(1);
    let how = words.next().unwrap_or_default();
    let work: fn(&[u8]) -> bool = match how.as_str() {
        "floor" => |bytes| !bytes.is_empty(),
        "serde_json" => |bytes| {
            black_box(serde_json::from_slice::<serde_json::Value>(bytes)).is_ok()
        },
        "sonic" => |bytes| black_box(sonic_rs::from_slice::<sonic_rs::Value>(bytes)).is_ok(),
        _ => panic!("usage: parse floor|serde_json|sonic DIRECTORY…"),
    };
    for directory in words {
        each(Path::new(&directory), &work);
    }
}

fn each(place: &Path, work: &fn(&[u8]) -> bool) {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).expect("the directory can be listed") {
            each(&entry.expect("it has entries").path(), work);
        }
    } else if place.extension().is_some_and(|name| name == "json") {
        let bytes = std::fs::read(place).expect("the file can be read");
        assert!(work(&bytes), "{} cannot be parsed", place.display());
    }
}
