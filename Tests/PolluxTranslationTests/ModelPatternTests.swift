import Testing

@testable import PolluxTranslation

@Suite("Patterns of models' names")
struct ModelPatternTests {
    private func matches(_ pattern: String, _ name: String) -> Bool {
        WildcardPattern.matches(pattern.utf8Span.span, name.utf8Span.span)
    }

    @Test("A star stands for any characters, also for none")
    func stars() {
        for (pattern, name) in [
            ("*", ""), ("", ""), ("a", "a"), ("*", "abc"), ("a*", "a"), ("a*c", "abcbc"), ("*b*", "abc"), ("**", "x"),
            ("a*b*c", "a-b-b-c"), ("*-tts*", "gemini-2.5-flash-preview-tts"),
        ] {
            #expect(matches(pattern, name), "\(pattern) \(name)")
        }
        for (pattern, name) in [
            ("", "a"), ("a", ""), ("a", "b"), ("a*b", "abc"), ("a*c", "ab"), ("*b*", "ac"), ("a*b*c", "a-c-b"),
        ] {
            #expect(!matches(pattern, name), "\(pattern) \(name)")
        }
    }

    @Test("Many stars take no time beyond reason", .timeLimit(.minutes(1)))
    func manyStars() {
        #expect(!matches(String(repeating: "*-", count: 20) + "x", String(repeating: "-", count: 512)))
    }
}
