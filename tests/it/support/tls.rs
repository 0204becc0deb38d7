//! TLS on loopback: two authorities that nobody knows, made at test time, and a door in front of a plain server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const OPENSSL: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
CN = Nobody in particular
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1
";

/// Certificates in a folder: a server's for 127.0.0.1, the authority that signed it, and one of the same name that did not.
pub(crate) struct Authorities {
    folder: TempDir,
}

impl Authorities {
    pub(crate) fn new() -> Self {
        let made = Self {
            folder: TempDir::new().unwrap(),
        };
        fs::write(made.path("openssl.cnf"), OPENSSL).unwrap();
        let key = "-newkey rsa:2048 -nodes -config openssl.cnf";
        for authority in ["ca", "other"] {
            made.openssl(&format!(
                "req -x509 -extensions authority -days 2 {key} -keyout {authority}.key -out {authority}.pem"
            ));
        }
        made.openssl(&format!(
            "req -new {key} -keyout server.key -out server.csr"
        ));
        made.openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile openssl.cnf -extensions server -out server.pem",
        );
        made
    }

    fn openssl(&self, args: &str) {
        let output = Command::new("openssl")
            .args(args.split(' '))
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "openssl {args}: {said}");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The authority that signed the server's certificate.
    pub(crate) fn right(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// An authority that did not.
    pub(crate) fn wrong(&self) -> PathBuf {
        self.path("other.pem")
    }

    /// Takes TLS from whoever trusts the right authority, and offers these protocols inside of it.
    pub(crate) fn acceptor(&self, protocols: &[&[u8]]) -> TlsAcceptor {
        let read = |path: &Path| {
            let chain = CertificateDer::pem_file_iter(path).unwrap();
            chain.map(Result::unwrap).collect::<Vec<_>>()
        };
        let key = PrivateKeyDer::from_pem_file(self.path("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(read(&self.path("server.pem")), key)
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Takes TLS, and hands what is inside to a plain server; where it listens.
    pub(crate) async fn door_to(&self, plain: &str) -> String {
        let acceptor = self.acceptor(&[]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plain = plain.strip_prefix("http://").unwrap().to_owned();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, plain) = (acceptor.clone(), plain.clone());
                tokio::spawn(async move {
                    // A client that does not trust us goes away here.
                    let Ok(mut inside) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut server = TcpStream::connect(plain).await.unwrap();
                    let _gone = tokio::io::copy_bidirectional(&mut inside, &mut server).await;
                });
            }
        });
        format!("https://{address}")
    }
}
