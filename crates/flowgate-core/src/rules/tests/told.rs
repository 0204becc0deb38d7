//! All that is said about each rule's bad example, word for word and place for place.

use crate::finding::Finding;
use crate::flow::{Content, native};
use crate::rules::testing::{alone, example_findings, settings};
use crate::rules::{ALL, Rule, run_flow};

/// What a described example stands for: what stands at a path, bytes that are no text and very deep nesting are told,
/// not shown.
fn described(rule: &Rule) -> Option<Content> {
    Some(match rule.id.as_str() {
        "not-a-file" => Content::Symlink,
        "file-too-large" => Content::TooLarge {
            size: 200 << 20,
            limit: 128 << 20,
        },
        "not-utf8" => Content::Bytes(b"{\"\xe9\": 1}".to_vec()),
        "nesting-too-deep" => Content::Bytes("[".repeat(600).into_bytes()),
        _ => return None,
    })
}

/// All that is said about a rule's bad example.
pub(super) fn said_of_bad(rule: &Rule) -> Vec<Finding> {
    match described(rule) {
        None => example_findings(rule, rule.bad),
        Some(content) => {
            let reading = native::read("flows/main.json".parse().unwrap(), content);
            run_flow(&alone(&reading), &settings())
        }
    }
}

#[test]
fn all_that_is_said_about_each_bad_example() {
    let told = |finding: &Finding| {
        let start = finding.location.start;
        let follows = if finding.cause.is_some() {
            "follows: "
        } else {
            ""
        };
        let hint = finding.hint.as_ref().map(|hint| format!("; {hint}"));
        format!(
            "  {}:{}:{} {} {}: {follows}{}{}",
            finding.location.path,
            start.line,
            start.column,
            finding.severity,
            finding.rule,
            finding.message,
            hint.unwrap_or_default()
        )
    };
    let said = ALL.iter().map(|rule| {
        let found: Vec<String> = said_of_bad(rule).iter().map(told).collect();
        format!("{}\n{}", rule.id, found.join("\n"))
    });
    let said: Vec<String> = said.collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    not-a-file
      flows/main.json:1:1 error not-a-file: this is a symbolic link, which is not followed; put the file itself here
    file-too-large
      flows/main.json:1:1 error file-too-large: the file has 209715200 bytes, more than the limit of 134217728; split the flow, or raise the limit on file sizes
    file-empty
      flows/main.json:1:1 error file-empty: the file is empty; write the flow into it, or delete the file; deleting it does not unpublish the flow
    lfs-pointer
      flows/main.json:1:1 error lfs-pointer: this is a Git LFS pointer, not the flow itself; fetch the content before checking: `git lfs pull`, or `lfs: true` for actions/checkout
    not-utf8
      flows/main.json:1:3 error not-utf8: the byte 0xE9 is not UTF-8; nothing more of this file was read; save the file as UTF-8
    byte-order-mark
      flows/main.json:1:1 error byte-order-mark: the file begins with a byte order mark; save the file as UTF-8 without BOM
    not-json
      flows/main.json:2:54 error not-json: the file is not JSON: a value must follow this comma, found `}`: take the comma out
    nesting-too-deep
      flows/main.json:1:513 error nesting-too-deep: arrays and objects stand more than 512 deep in one another
    duplicate-key
      flows/main.json:1:36 error duplicate-key: the key `version` stands a second time in this object; first on line 1; readers differ in which of the two they take: keep one
    wrong-type
      flows/main.json:1:54 error wrong-type: the `id` of element number 1 must be a string, found a number; write "7" in quotes
      flows/main.json:1:125 error connector-missing-source: follows: the connector to End `end` leaves `7`; no element has that id; set `sourceId` to the id of an element of this flow, add that element, or remove the connector
    missing-field
      flows/main.json:1:54 error missing-field: the element `begin` has no `type`
    flow-id-invalid
      flows/main.json:1:11 error flow-id-invalid: `flowId` is `main line`, which is not a flow id: expected 1 to 128 of `A-Z a-z 0-9 . _ -`, and neither `.` nor `..`
    version-required
      flows/main.json:1:1 error version-required: `version` is missing; add `"version": "1.0.0"`
    version-not-semver
      flows/main.json:1:28 error version-not-semver: `version` is `1.2`, which is not semantic versioning: patch is missing; write `1.2.0`
    elements-not-array
      flows/main.json:1:47 error elements-not-array: `elements` must be an array, found an object
    connectors-not-array
      flows/main.json:1:1 error connectors-not-array: `connectors` is missing
    unsupported-element-type
      flows/main.json:3:23 error unsupported-element-type: Ivr `menu` has the type `Ivr`, which CXone does not accept; did you mean `IVR`?
    connector-missing-source
      flows/main.json:5:25 error connector-missing-source: the connector to End `end` leaves `begn`; no element has that id; did you mean Begin `begin`? set `sourceId` to `begin`
    connector-missing-target
      flows/main.json:5:44 error connector-missing-target: the connector from Begin `begin` leads to `ende`; no element has that id; did you mean End `end`? set `targetId` to `end`
    duplicate-element-id
      flows/main.json:4:9 error duplicate-element-id: two elements have the id `x`; the other stands in line 3; give one of them an id of its own, and point the connectors that mean it there
    duplicate-connector-id
      flows/main.json:6:9 error duplicate-connector-id: two connectors have the id `c1`; the other stands in line 5; give one of them an id of its own
    field-not-published
      flows/main.json:1:36 info field-not-published: not sent to CXone, which has no place for it: `description`
    empty-flow
      flows/main.json:1:47 error empty-flow: the flow has no elements; add its elements, or delete the file if the flow is not wanted
    no-begin
      flows/main.json:1:11 error no-begin: no element has the type `Begin`, so no call gets in; add an element of type `Begin` and a connector from it
    several-begins
      flows/main.json:3:9 warning several-begins: 2 elements have the type `Begin`: `begin`, `begin-2`; keep one
    no-end
      flows/main.json:1:11 warning no-end: no element is an `End`, a `Queue` or an `Agent`, so no call comes to a proper end; add an `End` and lead to it
      flows/main.json:3:9 warning dead-end: follows: callers reach IVR `menu`, and nothing follows; lead on from it, at least to an `End`
    unreachable-element
      flows/main.json:3:9 warning unreachable-element: no way leads from Begin to IVR `menu`; lead a connector to it, or remove it
    dead-end
      flows/main.json:4:9 warning dead-end: callers reach IVR `info`, and nothing follows; lead on from it, at least to an `End`
    trapped-caller
      flows/main.json:4:9 warning trapped-caller: callers who come to IVR `again` cannot get out again: IVR again → IVR menu → IVR again; lead out of the loop, to an `End`, a queue or an agent
    begin-has-incoming
      flows/main.json:7:3 warning begin-has-incoming: a connector leads from IVR `menu` back to Begin `begin`; lead to the element after Begin instead
    end-has-outgoing
      flows/main.json:7:3 warning end-has-outgoing: a connector leads from End `end`, where calls end, to IVR `menu`; put what should come next before the End, or remove the connector
    duplicate-connector
      flows/main.json:5:3 warning duplicate-connector: two connectors lead from Begin `begin` to End `end` in the same case; the other stands in line 4; remove one of them
    self-loop
      flows/main.json:6:3 warning self-loop: IVR `menu` leads to itself, and nothing says when; say on the connector when it is taken, or lead it elsewhere
    conditional-without-default
      flows/main.json:3:9 warning conditional-without-default: Conditional `vip` has 2 ways, each with a condition, and none for all other callers; add a connector called `default`
    conditional-duplicate-condition
      flows/main.json:8:3 warning conditional-duplicate-condition: IVR `menu` leads to two places when `1`: Agent `agent` and End `end`; correct the case of one of them, or remove it
    no-error-branch
      flows/main.json:4:9 warning no-error-branch: nothing says what happens when Balance (`b`) fails; other API elements here say it; add a connector called `error`
    no-timeout
      flows/main.json:4:9 info no-timeout: nothing says how long Balance (`b`) waits; other API elements here say it; set how long it waits, as the others do
    required-branch-missing
      flows/main.json:3:9 error required-branch-missing: Customer (`crm`) has no branch `timeout`, which your settings require of every API; add a connector called `timeout`
    menu-key-without-way
      flows/main.json:3:9 warning menu-key-without-way: Menu (`menu`) tells callers to press 2, and no way answers; add a way for 2, or take it out of what callers are told
    menu-key-not-offered
      flows/main.json:3:9 info menu-key-not-offered: Menu (`menu`) has a way for 2, and callers are not told of it; tell callers of 2, or remove the way
    menu-without-invalid-way
      flows/main.json:3:9 warning menu-without-invalid-way: Menu (`menu`) has ways for keys, and none for wrong or no input; add a way for wrong or no input
    empty-configuration
      flows/main.json:4:56 warning empty-configuration: Menu (`b`) is set to nothing; other IVR elements here are set; fill in its configuration
    hardcoded-secret
      flows/main.json:3:94 error hardcoded-secret: API `crm` holds a secret (by the name of its field) at `/configuration/apiKey`; change the secret where it was made, and refer to the tenant's vault from here
    cleartext-endpoint
      flows/main.json:3:56 warning cleartext-endpoint: API `crm` calls `crm.example.com` without encryption (`http`); use an encrypted scheme, such as `https`
    private-endpoint
      flows/main.json:3:56 warning private-endpoint: API `crm` calls `10.0.0.7`, which only one private network can reach; use the public name of the service
    malformed-endpoint
      flows/main.json:3:56 warning malformed-endpoint: the address of API `crm` cannot be called: the colon after its scheme is missing; mend the address
    empty-endpoint
      flows/main.json:3:69 warning empty-endpoint: the address that Customer (`crm`) calls is empty; set the address
    personal-data
      flows/main.json:3:53 warning personal-data: IVR `hi` holds what looks like a person's e-mail address at `/configuration/prompt`; delete it, or use an address or number of the team
    prompt-too-long
      flows/main.json:3:55 info prompt-too-long: a prompt of For claims about your car, press one. Fo… (`menu`) has 987 letters; callers listen to about 900; split the prompt, or say what matters first
    missing-name
      flows/main.json:5:9 info missing-name: Goodbye. (`c`) has no name of its own; give it a `label` or `name`
    undefined-variable
      flows/main.json:4:53 warning undefined-variable: Hello {{customrName}}, {{customerName}}. (`hi`) uses `customrName`, which nothing sets; did you mean `customerName`?
    unused-variable
      flows/main.json:2:22 info unused-variable: the variable `unpaid` is used nowhere; use it or delete it
    base-unknown
      .git:1:1 error base-unknown: what this branch changes is not known, only what is not committed yet: this clone is shallow; fetch it
    duplicate-flow-id
      flows/copy.json:1:11 error duplicate-flow-id: the flow id `main` stands in `flows/main.json` too, line 1; give the copy a `flowId` of its own, or delete it
      flows/main.json:1:11 error duplicate-flow-id: follows: the flow id `main` stands in `flows/copy.json` too, line 1; give the copy a `flowId` of its own, or delete it
    flow-file-deleted
      flows/main.json:1:11 warning flow-file-deleted: `flows/main.json` is deleted, but its flow stays live; remove the flow on CXone if it is to end, else keep its file
    flow-id-changed
      flows/main.json:1:11 error flow-id-changed: the flow id was `main` before; put `main` back; for a new flow, add a new file
    policy-changed
      flowgate.toml:1:1 warning policy-changed: `flowgate.toml` says what changes may do, and this change touches it; have somebody look who may decide that; it holds once it is merged
    immutable-element-changed
      flows/main.json:3:9 error immutable-element-changed: End `end` may not change across versions: `/configuration/reason` is different; put it back as it was; only its place on the canvas may change
    version-not-increased
      flows/main.json:1:28 error version-not-increased: the flow changed, but its version is still 1.0.0; run `flowgate bump flows/main.json`, or set `version` to 1.1.0
    version-step-too-small
      flows/main.json:1:28 warning version-step-too-small: 1.2.0 → 1.2.1 is too small a step, a minor one is needed: We are closed is risky, callers hear something else; run `flowgate bump flows/main.json`, or set `version` to 1.3.0
    baseline-unavailable
      flows/main.json:1:11 error baseline-unavailable: CXone could not say what is live: HTTP 503: try later; run the check again; if it fails the same way, look at the credentials and at CXone's state
      flows/main.json:1:11 info history-unknown: follows: how many versions CXone keeps of this flow is not known: the answer had no list and no count
    edited-in-console
      flows/main.json:1:11 error edited-in-console: what is live was edited in the console since Flowgate published it; bring what is live into the file first (`flowgate pull`), and merge it with this change
    history-unknown
      flows/main.json:1:11 info history-unknown: how many versions CXone keeps of this flow is not known: the answer had no list and no count
    new-flow-refused
      flows/main.json:1:11 error new-flow-refused: CXone knows no flow `main`; correct the `flowId`, or set `on-new-flow: create`
    version-exists
      flows/main.json:1:28 error version-exists: version 1.1.0 is stored on CXone already, with other content (digest 111111111111); choose a free number: run `flowgate bump flows/main.json`
    version-history-full
      flows/main.json:1:11 error version-history-full: CXone keeps 50 versions of a flow and has 50: there is no room for this one; delete old versions in CXone; if your tenant keeps more, set `max-version-history`
    version-history-nearly-full
      flows/main.json:1:11 warning version-history-nearly-full: CXone has 45 of the 50 versions that it keeps of this flow; delete old versions in CXone soon; if your tenant keeps more, set `max-version-history`
    not-in-order
      flows/main.json:1:11 error not-in-order: what is live comes from commit ccccccc, which is newer than this one; run the job of the newest commit, or start the workflow by hand on the deploy branch and name the flow
    too-many-changes
      flows/a.json:1:11 error too-many-changes: 2 flows would be written, and `max-changes` is 1: none of them is; merge in smaller parts, or raise `max-changes`
    waiver-stale
      flowgate.toml:1:1 warning waiver-stale: the waiver of `dead-end` in `main` covers nothing any more; remove it
    waiver-expired
      flowgate.toml:1:1 warning waiver-expired: the waiver of `dead-end` in `main` held until 2020-12-31; mend what it covered and remove it, or agree on another last day
    accepted-stale
      flowgate-accepted.toml:2:1 info accepted-stale: a finding of `main` that was accepted is gone; `flowgate accept --prune` drops what is gone
    "#);
}
