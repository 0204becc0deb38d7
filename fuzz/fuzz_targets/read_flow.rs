//! Any bytes as a flow file: no panic, and every problem stands inside the text. `cargo +nightly fuzz run read_flow`
#![no_main]

use flowgate_core::flow::{Content, names, native};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(path) = "flows/fuzz.json".parse() else {
        return;
    };
    let reading = native::read(path, Content::Bytes(bytes.to_vec()));
    let text = reading.source.as_str();
    for problem in &reading.problems {
        assert!(
            text.get(problem.span.start as usize..problem.span.end as usize)
                .is_some()
        );
    }
    if let Some(flow) = &reading.flow {
        for element in flow.elements() {
            assert!(!names::element(flow, element).is_empty());
        }
        let _ways = flow.index().graph().ways();
    } else {
        assert!(!reading.problems.is_empty());
    }
});
