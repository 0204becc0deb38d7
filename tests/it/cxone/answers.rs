//! Answers as servers and gateways send them: marked, packed, in pieces, slowly; and those that are larger than they may be.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use flowgate::cxone::{ErrorKind, FlowPlatform, Outcome};
use flowgate_core::platform::Answer;

use crate::support::cxone::{FILE, FLOW, Setup, provenance, release};
use crate::support::script::{Scripted, json};

fn head(more: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n{more}\r\n\r\n"
    )
    .into_bytes()
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// An answer whose body has its length in front of it.
fn whole(body: &[u8], more: &str) -> Vec<Vec<u8>> {
    let length = body.len();
    let head = head(&format!("{more}Content-Length: {length}"));
    vec![head, body.to_vec()]
}

/// An answer in chunks of so many bytes: letters of several bytes are cut in two.
fn in_chunks(body: &[u8], bytes: usize) -> Vec<Vec<u8>> {
    let mut pieces = vec![head("Transfer-Encoding: chunked")];
    for chunk in body.chunks(bytes) {
        let mut piece = format!("{:x}\r\n", chunk.len()).into_bytes();
        piece.extend_from_slice(chunk);
        piece.extend_from_slice(b"\r\n");
        pieces.push(piece);
    }
    pieces.push(b"0\r\n\r\n".to_vec());
    pieces
}

#[tokio::test]
async fn an_answer_is_read_however_it_comes() {
    let body = FILE.replace("caf\\u00e9", "Grüße, 您好");
    assert!(body.contains("您好"));
    let body = body.as_bytes();
    let marked = ["\u{feff}".as_bytes(), body].concat();
    let slow = {
        let mut pieces = vec![head(&format!("Content-Length: {}", body.len()))];
        let (begin, rest) = body.split_at(60);
        pieces.extend(begin.iter().map(|byte| vec![*byte]));
        pieces.push(rest.to_vec());
        pieces
    };
    for (how, answer) in [
        ("as it is", whole(body, "")),
        ("behind a byte order mark", whole(&marked, "")),
        ("packed", whole(&packed(body), "Content-Encoding: gzip\r\n")),
        (
            "packed behind a mark",
            whole(&packed(&marked), "Content-Encoding: gzip\r\n"),
        ),
        ("in chunks", in_chunks(body, 7)),
        ("byte by byte", slow),
    ] {
        let server = Scripted::in_pieces(vec![answer]).await;
        let client = Setup::at(&server.base_url).client();
        let answer = client.api.published(&FLOW.parse().unwrap()).await;
        let Ok(Answer::Known(published)) = answer else {
            panic!("{how}: {answer:?}");
        };
        assert_eq!(published.flow.elements().len(), 3, "{how}");
    }
}

#[tokio::test]
async fn an_id_or_a_body_beyond_its_limit_is_refused_and_not_kept() {
    let long = |length: usize| format!(r#"{{"id":"{}"}}"#, "v".repeat(length));
    let unpacked = vec![b' '; 64 * 1024 * 1024];
    for (what, answer, words) in [
        (
            "an id of 257 bytes",
            whole(long(257).as_bytes(), ""),
            "an `id` of 257 bytes",
        ),
        (
            "an id of 100 MB",
            in_chunks(long(100_000_000).as_bytes(), 1_000_000),
            "the answer is larger than",
        ),
        (
            "64 MB in a small packet",
            whole(&packed(&unpacked), "Content-Encoding: gzip\r\n"),
            "the answer is larger than",
        ),
    ] {
        let server = Scripted::in_pieces(vec![answer]).await;
        let client = Setup::at(&server.base_url).client();
        let error = client
            .api
            .create(&release(), &provenance())
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Protocol, "{what}: {error}");
        // The write may have been done.
        assert_eq!(error.outcome, Outcome::Unknown, "{what}: {error}");
        assert!(error.said.contains(words), "{what}: {error}");
        assert!(error.to_string().len() < 8 * 1024, "{what}");
    }
}

#[tokio::test]
async fn the_words_of_a_server_are_cut() {
    let words = "no such flow ".repeat(100_000);
    let list: Vec<String> = (0..10_000)
        .map(|nth| format!(r#"{{"message":"{nth} {words:.40}"}}"#))
        .collect();
    for body in [
        format!(r#"{{"message":"{words}"}}"#),
        format!(r#"{{"errors":[{}]}}"#, list.join(",")),
        words.clone(),
    ] {
        let server = Scripted::start(vec![json(400, &body)]).await;
        let client = Setup::at(&server.base_url).client();
        let error = client
            .api
            .create(&release(), &provenance())
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused, "{error}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.len() < 8 * 1024, "{} bytes", text.len());
        }
    }
}
