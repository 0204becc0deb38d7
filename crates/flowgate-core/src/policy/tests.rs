//! What a policy makes of findings.

use super::*;
use crate::finding::Location;
use crate::text::{SourceText, Span};

fn finding(rule: &'static str, severity: Severity, cause: Option<&Finding>) -> Finding {
    let source = SourceText::new("flows/a.json".parse().unwrap(), "{}".into());
    Finding {
        rule: RuleId(rule),
        severity,
        message: String::new(),
        location: Location::new(&source, Span::at(0)),
        flow: None,
        element: None,
        element_name: None,
        fingerprint: Fingerprint::of(RuleId(rule), "a", &[]),
        cause: cause.map(|cause| cause.fingerprint.clone()),
        existing: false,
        excuse: None,
        hint: None,
    }
}

#[test]
fn one_mistake_counts_once_unless_what_follows_is_worse() {
    let cause = finding("a", Severity::Warning, None);
    let mild = finding("b", Severity::Warning, Some(&cause));
    let worse = finding("c", Severity::Error, Some(&cause));
    let policy = Policy::default();
    let verdict = policy.verdict(&[cause.clone(), mild.clone()]);
    assert_eq!(
        (verdict.warnings, verdict.errors, verdict.fails),
        (1, 0, false)
    );
    let verdict = policy.verdict(&[cause, mild, worse]);
    assert_eq!(
        (verdict.warnings, verdict.errors, verdict.fails),
        (1, 1, true)
    );
}

#[test]
fn what_was_there_before_fails_only_those_who_ask_for_it() {
    let old = Finding {
        existing: true,
        ..finding("a", Severity::Error, None)
    };
    let mut policy = Policy::default();
    let verdict = policy.verdict(std::slice::from_ref(&old));
    assert_eq!(
        (verdict.existing, verdict.errors, verdict.fails),
        (1, 0, false)
    );
    policy.old_faults = OldFaults::Count;
    let verdict = policy.verdict(&[old]);
    assert_eq!(
        (verdict.existing, verdict.errors, verdict.fails),
        (0, 1, true)
    );
}

#[test]
fn fail_on_draws_the_line_where_it_says() {
    for (word, fails) in [
        ("error", [false, false, true]),
        ("warning", [false, true, true]),
        ("info", [true, true, true]),
        ("never", [false, false, false]),
    ] {
        let policy = Policy {
            fail_on: word.parse().unwrap(),
            ..Policy::default()
        };
        let severities = [Severity::Info, Severity::Warning, Severity::Error];
        let got = severities.map(|severity| policy.verdict(&[finding("a", severity, None)]).fails);
        assert_eq!(got, fails, "{word}");
    }
    assert!("errors".parse::<FailOn>().is_err());
}

fn set(policy: &mut Policy, rule: &str, severity: &str) -> Result<(), PolicyError> {
    policy
        .severities
        .set(rule_named(rule)?, level_named(severity)?)
}

#[test]
fn a_rule_that_is_off_takes_nothing_else_with_it() {
    let mut policy = Policy::default();
    set(&mut policy, "no-begin", "off").unwrap();
    set(&mut policy, "unreachable-element", "info").unwrap();
    let cause = finding("no-begin", Severity::Error, None);
    let effect = finding("unreachable-element", Severity::Warning, Some(&cause));
    let left = policy.apply(vec![cause, effect]);
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].severity, &left[0].cause), (Severity::Info, &None));
}

#[test]
fn a_mistyped_rule_or_severity_is_an_error_that_helps() {
    let mut policy = Policy::default();
    assert_eq!(
        set(&mut policy, "no-timeot", "off")
            .unwrap_err()
            .to_string(),
        "there is no rule `no-timeot`; did you mean `no-timeout`?"
    );
    assert!(set(&mut policy, "no-timeout", "fatal").is_err());
    assert_eq!(policy, Policy::default());
}

#[test]
fn what_is_refused_anyway_cannot_be_eased_in_any_way() {
    let mut policy = Policy::default();
    let refused =
        |policy: &mut Policy, rule, severity| set(policy, rule, severity).unwrap_err().to_string();
    assert_eq!(
        refused(&mut policy, "connector-missing-target", "warning"),
        "`connector-missing-target` stays an error; CXone refuses such a flow: mend it"
    );
    assert_eq!(
        refused(&mut policy, "edited-in-console", "off"),
        "`edited-in-console` stays an error; it blocks the flow: set `on-drift` to say what merging does"
    );
    assert_eq!(
        refused(&mut policy, "baseline-unavailable", "off"),
        "`baseline-unavailable` may not be `off`; nobody knows what would be overwritten"
    );
    for rule in rules::ALL.iter().filter(|rule| rule.kind() == "shape") {
        refused(&mut policy, rule.id.as_str(), "off");
    }
    set(&mut policy, "baseline-unavailable", "warning").unwrap();
    set(&mut policy, "connector-missing-target", "error").unwrap();

    let broken = finding("connector-missing-target", Severity::Error, None);
    policy.waivers = vec![waiver(Some("connector-missing-target"), "2999-12-31")];
    policy.accepted = vec![accepted(&broken)];
    let told = policy.apply(vec![broken]);
    assert_eq!(told[0].excuse, None);
    assert!(policy.verdict(&told).fails);
}

/// Every rule that the plan blocks flows for is firm: else a check could be green while merging is blocked.
#[test]
fn every_reason_that_blocks_a_plan_is_firm() {
    for code in [
        "edited-in-console",
        "new-flow-refused",
        "version-exists",
        "not-in-order",
        "baseline-unavailable",
    ] {
        assert!(rule_named(code).unwrap().firm.is_some(), "{code}");
    }
}

fn waiver(rule: Option<&'static str>, until: &str) -> Waiver {
    Waiver {
        rule: rule.map(RuleId),
        flow: None,
        element: None,
        fingerprint: None,
        reason: "ends with the campaign".to_owned(),
        until: until.parse().unwrap(),
        location: finding("a", Severity::Info, None).location,
    }
}

fn accepted(finding: &Finding) -> Accepted {
    Accepted {
        flow: "main".parse().unwrap(),
        fingerprint: finding.fingerprint.clone(),
        location: finding.location.clone(),
    }
}

#[test]
fn a_waiver_holds_to_the_end_of_its_last_day_and_the_finding_stays_visible() {
    let mut policy = Policy {
        waivers: vec![waiver(Some("a"), "2026-11-24")],
        today: "2026-11-24".parse().unwrap(),
        ..Policy::default()
    };
    let told = policy.apply(vec![finding("a", Severity::Error, None)]);
    let expected = Excuse::Waived {
        reason: "ends with the campaign".to_owned(),
        until: "2026-11-24".parse().unwrap(),
    };
    assert_eq!(told[0].excuse, Some(expected));
    let verdict = policy.verdict(&told);
    assert_eq!(
        (verdict.errors, verdict.excused, verdict.fails),
        (0, 1, false)
    );
    policy.today = "2026-11-25".parse().unwrap();
    let told = policy.apply(told);
    assert_eq!(told[0].excuse, None);
    assert!(policy.verdict(&told).fails);
}

#[test]
fn a_waiver_covers_what_has_all_that_it_names() {
    let plain = finding("a", Severity::Error, None);
    let about = Finding {
        flow: Some("main".parse().unwrap()),
        element: Some("menu".parse().unwrap()),
        ..plain.clone()
    };
    let by = |change: &dyn Fn(&mut Waiver)| {
        let mut waiver = waiver(Some("a"), "2999-01-01");
        change(&mut waiver);
        (waiver.covers(&plain), waiver.covers(&about))
    };
    assert_eq!(by(&|_| ()), (true, true));
    assert_eq!(by(&|w| w.rule = Some(RuleId("b"))), (false, false));
    assert_eq!(by(&|w| w.flow = "main".parse().ok()), (false, true));
    assert_eq!(by(&|w| w.flow = "other".parse().ok()), (false, false));
    assert_eq!(by(&|w| w.element = "menu".parse().ok()), (false, true));
    let print = about.fingerprint.clone();
    assert_eq!(by(&|w| w.fingerprint = Some(print.clone())), (true, true));
    let other = Fingerprint::of(RuleId("b"), "main", &[]);
    assert_eq!(by(&|w| w.fingerprint = Some(other.clone())), (false, false));
}

#[test]
fn what_follows_from_an_excused_finding_goes_with_it_unless_it_is_worse() {
    let cause = finding("a", Severity::Warning, None);
    let mild = finding("b", Severity::Warning, Some(&cause));
    let worse = finding("c", Severity::Error, Some(&cause));
    let policy = Policy {
        accepted: vec![accepted(&cause)],
        ..Policy::default()
    };
    let told = policy.apply(vec![cause, mild, worse]);
    assert_eq!(told[1].excuse, Some(Excuse::Accepted));
    assert_eq!((&told[2].excuse, &told[2].cause), (&None, &None));
    let verdict = policy.verdict(&told);
    assert_eq!(
        (verdict.errors, verdict.excused, verdict.fails),
        (1, 1, true)
    );
}

#[test]
fn the_last_path_that_means_a_file_decides() {
    let paths = |glob: &str, level: &str| {
        let mut severities = Severities::default();
        severities
            .set(rule_named("dead-end").unwrap(), level_named(level).unwrap())
            .unwrap();
        PathRules {
            files: vec![PathGlob::new(glob).unwrap()],
            severities,
        }
    };
    let mut policy = Policy {
        paths: vec![
            paths("flows/**", "error"),
            paths("flows/*.json", "info"),
            paths("flows/legacy/*", "off"),
        ],
        ..Policy::default()
    };
    set(&mut policy, "dead-end", "off").unwrap();
    let severity = |path: &str| {
        let source = SourceText::new(path.parse().unwrap(), "{}".into());
        let found = Finding {
            location: Location::new(&source, Span::at(0)),
            ..finding("dead-end", Severity::Warning, None)
        };
        let left = policy.apply(vec![found]);
        left.first().map(|finding| finding.severity)
    };
    assert_eq!(severity("flows/a.json"), Some(Severity::Info));
    assert_eq!(severity("flows/b/a.json"), Some(Severity::Error));
    assert_eq!(severity("flows/legacy/a.json"), None);
    assert_eq!(severity("other/a.json"), None);
}
