//! The supply chain, held to `deny.toml`: licences, banned crates, sources, and exactly one TLS provider.
//!
//! The same file serves `cargo deny` in the GitHub workflow, which adds advisories; here the graph comes from
//! `cargo metadata`, so that the check needs nothing but the toolchain.

use std::process::Command;

use serde_json::Value;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--all-features",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

fn deny() -> toml::Table {
    include_str!("../../deny.toml")
        .parse()
        .expect("deny.toml is TOML")
}

fn strings(value: &toml::Value) -> Vec<String> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item.as_str().expect("a string").to_owned())
        .collect()
}

/// Packages from outside, as (name, version, licence, source).
fn packages(metadata: &Value) -> Vec<(String, String, String, String)> {
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .filter(|package| !package["source"].is_null())
        .map(|package| {
            (
                text(package, "name"),
                text(package, "version"),
                text(package, "license"),
                text(package, "source"),
            )
        })
        .collect()
}

#[test]
fn every_licence_is_one_that_we_allow() {
    let allowed = strings(&deny()["licenses"]["allow"]);
    let licensees: Vec<spdx::Licensee> = allowed
        .iter()
        .map(|name| spdx::Licensee::parse(name).expect("an SPDX name"))
        .collect();
    let refused: Vec<_> = packages(&metadata())
        .into_iter()
        .filter(|(_, _, licence, _)| {
            !spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX).is_ok_and(|expression| {
                expression.evaluate(|requirement| {
                    licensees
                        .iter()
                        .any(|licensee| licensee.satisfies(requirement))
                })
            })
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_crate_comes_from_the_one_registry() {
    let foreign: Vec<_> = packages(&metadata())
        .into_iter()
        .filter(|(_, _, _, source)| {
            source != "registry+https://github.com/rust-lang/crates.io-index"
        })
        .collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

#[test]
fn nothing_banned_and_exactly_one_tls_provider_is_in_the_graph() {
    let deny = deny();
    let banned: Vec<&str> = deny["bans"]["deny"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|ban| ban["name"].as_str().expect("a name"))
        .collect();
    let metadata = metadata();
    // The resolved graph, not the package list: an optional dependency that nothing enables is not in it.
    let names: Vec<String> = metadata["resolve"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter_map(|node| node["id"].as_str())
        .filter_map(|id| packages_name(&metadata, id))
        .collect();
    let found: Vec<_> = names
        .iter()
        .filter(|name| banned.contains(&name.as_str()))
        .collect();
    assert!(found.is_empty(), "banned: {found:?}");
    let rings = names.iter().filter(|name| *name == "ring").count();
    assert_eq!(rings, 1, "rustls has one provider, ring, in one version");
    // A provider is a feature of rustls too, and features add up over the whole graph.
    let features: Vec<&str> = metadata["resolve"]["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter(|node| {
            let id = node["id"].as_str().unwrap_or_default();
            packages_name(&metadata, id).as_deref() == Some("rustls")
        })
        .flat_map(|node| node["features"].as_array().expect("features"))
        .filter_map(Value::as_str)
        .collect();
    assert!(features.contains(&"ring"), "{features:?}");
    for other in ["aws_lc_rs", "aws-lc-rs", "fips", "custom-provider"] {
        assert!(!features.contains(&other), "{features:?}");
    }
}

fn packages_name(metadata: &Value, id: &str) -> Option<String> {
    metadata["packages"]
        .as_array()?
        .iter()
        .find(|package| package["id"] == id)
        .and_then(|package| package["name"].as_str())
        .map(str::to_owned)
}
