import PromotionModel
import Testing

@Suite struct RedactorTests {
  @Test(arguments: [
    ("fetch https://ada:secret@git.example/x", "fetch https://***@git.example/x"),
    ("AUTHORIZATION: Basic YWRhOnNlY3JldA==", "AUTHORIZATION: ***"),
    ("sent Bearer abcdef123456", "sent Bearer ***"),
    ("token ghp_0123456789abcdef", "token ***"), ("ghs_0123456789 and gho_0123456789", "*** and ***"),
    ("github_pat_0123456789", "***"), ("glpat-0123456789", "***"), ("xoxb-0123456789", "***"),
    ("eyJhbGciOiJIUzI1NiJ9.e30.abc", "***"),
    ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/services/***"),
    ("– first → second\ntoken ghp_0123456789abcdef\nlast", "– first → second\ntoken ***\nlast"),
  ]) func whatLooksLikeALoginIsTakenOut(text: String, clean: String) {
    #expect(Redactor().clean(text) == clean)
    #expect(Redactor.withoutLogins(text).contains("***"))
  }

  @Test(arguments: [
    "", "a", "gh", "g", "ghx_0123456789", "basics of error handling", "ada@example.org",
    "https://staging-api.example/health",
    "authorization is asked for", "hooks.slack.com", "promote(api): v1.3.0 → production", "name: Zoë – ſ", "://", "eyj",
  ]) func everythingElseStays(text: String) {
    #expect(Redactor().clean(text) == text)
  }

  @Test func whatIsKnownToBeSecretIsTakenOutEverywhere() {
    let redactor = Redactor()
    redactor.keep("hunter22")
    redactor.keep("hunter22-and-more")
    redactor.keep("short")
    #expect(redactor.clean("hunter22-and-more, hunter22, short") == "***, ***, short")
  }
}
