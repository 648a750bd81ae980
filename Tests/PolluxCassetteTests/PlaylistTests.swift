import PolluxJSON
import Testing

@testable import PolluxCassette

@Suite("Which recording answers")
struct PlaylistTests {
    private static let target = "/v1/projects/p/locations/l/publishers/google/models/m:generateContent"

    private func call(_ name: String, _ body: String, target: String = target, contents: ContentPolicy = .keep)
        -> RecordedCall
    {
        let request = Cassette.Request(
            method: "POST", url: "https://host:1\(target)", headers: [],
            body: [piece(.json(contents.apply(to: ContentPolicyTests.json(body))))]
        )
        let response = Cassette.Response(status: 200, headers: [], body: [])
        return RecordedCall(
            name: name, contents: contents,
            call: Cassette.Call(sentMilliseconds: 0, request: request, response: response, ending: .complete)
        )
    }

    private func choose(
        _ calls: [RecordedCall], _ body: String, match: RequestMatch = .strict, target: String = target
    ) -> String {
        Self.text(
            Playlist(calls, match: match).choose(method: "POST", target: target, body: ContentPolicyTests.json(body)))
    }

    private static func text(_ choice: Playlist.Choice) -> String {
        switch choice {
        case .answer(let call): call.name
        case .nothing(let reason): reason
        }
    }

    @Test("Strictly: the same body, in whatever order of members")
    func strict() {
        let calls = [call("one", #"{"a":1,"b":"x"}"#)]
        #expect(choose(calls, #"{"b":"x","a":1}"#) == "one")
        #expect(
            choose(calls, #"{"b":"y","a":1,"c":[]}"#)
                == #"No recording matches. Nearest is one: b: "y", recorded "x"; c: [], not recorded."#
        )
    }

    @Test("The nearest recording is the one with the fewest differences")
    func nearest() {
        let calls = [call("far", #"{"a":1,"b":2}"#), call("near", #"{"a":1,"b":3}"#)]
        #expect(choose(calls, #"{"a":1,"b":4}"#).hasPrefix("No recording matches. Nearest is far: b: 4, recorded 2"))
        #expect(choose(calls, #"{"a":0,"b":3}"#).hasPrefix("No recording matches. Nearest is near: a: 0, recorded 1"))
    }

    @Test("Tolerantly: the same conversation with the same model")
    func tolerant() {
        let calls = [
            call(
                "one",
                #"{"contents":[{"parts":[{"text":"Hi  there\n"},{"functionCall":{"id":"1","args":{"id":"k"}}}]}]}"#)
        ]
        let same =
            #"{"contents":[{"parts":[{"text":"Hi there"},{"functionCall":{"id":"2","args":{"id":"k"}}}]}],"generationConfig":{"seed":1}}"#
        let other = #"{"contents":[{"parts":[{"text":"Hi there"},{"functionCall":{"id":"2","args":{"id":"q"}}}]}]}"#
        #expect(choose(calls, same, match: .tolerant, target: "/v1beta/models/m:generateContent") == "one")
        #expect(choose(calls, same).hasPrefix("No recording matches."))
        #expect(choose(calls, other, match: .tolerant).contains(#"args.id: "q", recorded "k""#))
    }

    @Test("Another model is another address")
    func address() {
        let other = "/v1/projects/p/locations/l/publishers/google/models/n:generateContent"
        #expect(
            choose([call("one", "{}")], "{}", target: other)
                == "No recording is of POST \(other); recorded are: POST \(Self.target)."
        )
        #expect(choose([], "{}").hasSuffix("there is no recording."))
    }

    @Test("Equal recordings are used in their order, the last one again and again")
    func order() {
        let playlist = Playlist([call("one", "{}"), call("two", "{}")], match: .strict)
        let names = (0..<4).map { _ in
            Self.text(playlist.choose(method: "POST", target: Self.target, body: .object([])))
        }
        #expect(names == ["one", "two", "two", "two"])
    }

    @Test("Recordings without contents are compared without contents", arguments: [ContentPolicy.hash, .remove])
    func withoutContents(policy: ContentPolicy) {
        let calls = [call("one", #"{"contents":[{"text":"Hello"}]}"#, contents: policy)]
        #expect(choose(calls, #"{"contents":[{"text":"Hello"}]}"#) == "one")
        let other = choose(calls, #"{"contents":[{"text":"World"}]}"#)
        #expect(policy == .remove ? other == "one" : other.hasPrefix("No recording matches."))
    }
}
