import PolluxSecret
import Testing

@testable import PolluxGoogleAuth

@Suite("Fresh, ageing, stale, spent (CRED-008)")
struct FreshnessTests {
    @Test(
        "The limits follow the life that a token had when it came",
        arguments: [
            (3600, 600_001, Freshness.fresh), (3600, 600_000, .ageing), (3600, 225_000, .ageing),
            (3600, 224_999, .stale),
            (3600, 10_001, .stale), (3600, 10_000, .spent), (3600, -1, .spent), (43200, 600_000, .ageing),
            (600, 300_001, .fresh), (600, 300_000, .ageing), (600, 149_999, .stale), (60, 6_001, .stale),
            (60, 6_000, .spent), (5, 2_501, .fresh), (5, 2_500, .ageing), (5, 1_250, .ageing),
            (5, 1_249, .stale),
            (5, 500, .spent), (1, 501, .fresh), (0, 0, .spent), (3600, 3_660_001, .ageing),
        ])
    func limits(lifeSeconds: Int, leftMilliseconds: Int, expected: Freshness) {
        let token = AccessToken(value: Secret("t"), nowMilliseconds: 0, lifeMilliseconds: lifeSeconds * 1000)
        let now = token.expiryMilliseconds - leftMilliseconds
        #expect(Freshness(of: token, nowMilliseconds: now) == expected)
    }

    @Test(
        "Pauses grow from 1 to 8 s and differ by a fifth",
        arguments: [
            (1, 0.0, 1_000), (2, 0.0, 2_000), (3, 0.0, 4_000), (4, 0.0, 8_000), (99, 0.0, 8_000),
            (1, 1.0, 1_200),
            (1, -1.0, 800), (4, 7.0, 9_600), (0, 0.0, 1_000),
        ])
    func pauses(failures: Int, jitter: Double, milliseconds: Int) {
        #expect(
            RetrySchedule.delay(failuresInARow: failures, isPermanent: false, jitter: jitter) == milliseconds)
        #expect(RetrySchedule.delay(failuresInARow: failures, isPermanent: true, jitter: jitter) == 60_000)
    }
}

@Suite("Times, words and texts")
struct TextTests {
    @Test(
        "RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T08:00:00Z", 1_795_248_000),
            ("2026-11-21T08:00:00.999999Z", 1_795_248_000),
            ("2026-11-21T10:00:00+02:00", 1_795_248_000), ("2026-11-21t02:30:00-05:30", 1_795_248_000),
            ("2024-02-29T23:59:60Z", 1_709_251_200),
        ])
    func rfc3339(text: String, seconds: Int) { #expect(CivilTime(rfc3339: text)?.unixSeconds == seconds) }

    @Test(
        "What is no time is none",
        arguments: [
            "", "2026-11-21", "2026-11-21T08:00:00", "2026-13-21T08:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21 08:00:00Z",
            "2026-11-21T08:00:00Zx", "2026-11-21T08:00:00+0200", "20é6-11-21T08:00:00Z",
        ])
    func noTime(text: String) { #expect(CivilTime(rfc3339: text) == nil) }

    @Test(
        "The Date header, and AWS's form",
        arguments: [
            ("Sat, 21 Nov 2026 08:00:00 GMT", "20261121T080000Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "19700101T000000Z"),
            ("Sun, 29 Feb 2032 12:34:56 GMT", "20320229T123456Z"),
            ("Sun, 30 Aug 2015 12:36:00 GMT", "20150830T123600Z"),
            ("Sun, 01 Mar 2099 00:00:01 GMT", "20990301T000001Z"),
        ])
    func dates(header: String, amazon: String) { #expect(CivilTime(httpDate: header)?.amazonText == amazon) }

    @Test(
        "A command line is cut as a shell would",
        arguments: [
            ("a b  c", ["a", "b", "c"]),
            (#"/x/get "my file" 'a b'c \" "#, ["/x/get", "my file", "a bc", "\""]),
            ("", []), ("''", [""]), (#"a\ b"#, ["a b"]), (#""\$x" '\n'"#, [#"\$x"#, #"\n"#]),
        ])
    func words(line: String, words: [String]) { #expect(shellWords(line) == words) }

    @Test("A quote that does not close is refused", arguments: ["'a", "\"a", "a\\", "\"a\\"])
    func openQuotes(line: String) { #expect(shellWords(line) == nil) }

    @Test(
        "What looks like a secret does not reach a message (CRED-010)",
        arguments: [
            ("Bearer abc.def", "Bearer <secret>"), ("bad token ya29.a0Ab-c_d!", "bad token <secret>!"),
            ("at https://x/?key=AIzaSyA-1_2&y=z", "at https://x/?key=<secret>&y=z"),
            ("key: AIzaSyA-1_2", "key: <secret>"),
            ("'eyJhbGciOi.eyJpc.sig'", "'<secret>'"), ("line\r\nbreak", "line  break"),
            ("our-own is here", "<secret> is here"),
        ])
    func scrubbed(text: String, expected: String) {
        #expect(PublicText.clean(text, hiding: [Secret("our-own"), Secret("")]) == expected)
    }

    @Test("Foreign text is cut")
    func cut() { #expect(PublicText.clean(String(repeating: "x ", count: 500)).count == 301) }
}
