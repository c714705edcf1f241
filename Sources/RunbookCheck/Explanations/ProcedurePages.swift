/// Findings about declarations, procedures, imports and scenarios.
extension Explanation {
  private static let common = "procedure watch(services) {\n  monitor 30m production services\n}"

  static let procedurePages: [Explanation] = [
    Explanation(
      "SW3033",
      "a declaration in a block",
      "Titles, inputs, imports, procedures and scenarios belong to the whole file and stand at its top level.",
      wrong: "within 1h {\n  input soak = 30m\n  validate staging api\n}",
      right: "input soak = 30m\nwithin 1h {\n  validate staging api\n  wait (soak)\n}"
    ),
    Explanation(
      "SW3034",
      "`given` or `expect` outside of a scenario",
      "They say what happens and what must hold in a scenario, the test of a runbook. In a run, `require` is the gate.",
      wrong: "validate staging api\nexpect ok",
      right: "validate staging api\nscenario \"all is well\" { expect ok }"
    ),
    Explanation(
      "SW3035",
      "not in a scenario",
      "A scenario supposes (`given`) and expects (`expect`), and has at least one expectation: else it proves nothing.",
      wrong:
        "validate staging api\nscenario \"a crash\" {\n  given staging api crashes\n  validate staging api\n  expect failed\n}",
      right: "validate staging api\nscenario \"a crash\" {\n  given staging api crashes\n  expect failed\n}"
    ),
    Explanation(
      "SW3036",
      "declared twice",
      "A runbook has one title, and a name stands for one procedure. Which one would a call mean?",
      wrong: "runbook \"Weekly\"\nrunbook \"Weekly release\"\nvalidate staging api",
      right: "runbook \"Weekly release\"\nvalidate staging api"
    ),
    Explanation(
      "SW3037",
      "unknown procedure",
      "Neither this file nor one that it imports declares a procedure of this name. Imports are not passed on.",
      wrong: "procedure check(services) { validate staging services }\nchek(api)\ncheck(api)",
      right: "procedure check(services) { validate staging services }\ncheck(api)"
    ),
    Explanation(
      "SW3038",
      "wrong arguments",
      "A call gives each parameter without a default once, in order or by name, and nothing else.",
      wrong: "procedure check(services) { validate staging services }\ncheck(api, web)",
      right: "procedure check(services) { validate staging services }\ncheck([api, web])"
    ),
    Explanation(
      "SW3039",
      "a procedure that leads back to itself",
      "What a runbook does is known before it runs, so no procedure calls itself, nor another one that does. `retry` repeats.",
      wrong: "procedure again() {\n  validate staging api\n  again()\n}\nagain()",
      right: "procedure once() {\n  validate staging api\n}\nretry 3 times { once() }"
    ),
    Explanation(
      "SW3040",
      "too many calls",
      """
      Each call is checked with what it is called with. Procedures that call others several times multiply, and here \
      they come to more statements than anybody would run, or nest too deep.
      """,
      wrong: (0..<16).map { "procedure p\($0)() {\n  p\($0 + 1)()\n  p\($0 + 1)()\n}\n" }.joined()
        + "procedure p16() { validate staging api }\np0()",
      right: "procedure p0() { validate staging api }\np0()"
    ),
    Explanation(
      "SW3041",
      "an import that cannot be read",
      "The file is not there, or may not be read. Paths start at the folder of the file that imports.",
      wrong: "import \"comon.runbook\"\nvalidate staging api",
      right: "import \"common.runbook\"\nwatch(api)",
      files: ["common.runbook": common]
    ),
    Explanation(
      "SW3042",
      "no path to import",
      """
      A path is written from the folder of the file that imports, with `/` and the ending `.runbook`. Absolute paths, `~` \
      and backslashes would mean something else on the next machine.
      """,
      wrong: "import \"/srv/common.runbook\"\nvalidate staging api",
      right: "import \"common.runbook\"\nwatch(api)",
      files: ["common.runbook": common]
    ),
    Explanation(
      "SW3043",
      "imports in a circle",
      "The file is being imported already. Move what both need into a third file.",
      wrong: "import \"one.runbook\"\nvalidate staging api",
      right: "import \"common.runbook\"\nwatch(api)",
      files: [
        "one.runbook": "import \"two.runbook\"", "two.runbook": "import \"one.runbook\"", "common.runbook": common,
      ]
    ),
    Explanation(
      "SW3044",
      "an imported file with statements",
      "Imported files have procedures and imports only. Whatever else stands there would never run, or at a surprising time.",
      wrong: "import \"release.runbook\"\nvalidate staging api",
      right: "import \"common.runbook\"\nwatch(api)",
      files: ["release.runbook": "validate staging all", "common.runbook": common]
    ),
    Explanation(
      "SW3045",
      "the default of an input is no literal",
      "It is read before anything runs, as what is given with `--set` is: a literal, a service, or a list of them.",
      wrong: "input current = version of api in production\nstop \"{current}\"",
      right: "let current = version of api in production\nstop \"{current}\""
    ),
  ]
}
