import Foundation
import PolluxJSON
import PolluxOpenAIWire
import PolluxTranslation
import Testing

/// What Pollux gave a client comes back and must satisfy Gemini 3: every first call of a step has a signature,
/// and no part gets another part's.
@Suite("An answer comes back with its signatures (SIG-001…014)")
struct RoundTripTests {
    /// A part that Gemini answers with, and the signature on it.
    enum Kind: CaseIterable, Sendable {
        case thought, signedThought, text, signedText, signedNothing, call, signedCall, signedImage

        var isSigned: Bool {
            switch self {
            case .thought, .text, .call: false
            default: true
            }
        }
        var isCall: Bool { self == .call || self == .signedCall }
        var isText: Bool { self == .text || self == .signedText }
    }

    enum Thoughts: CaseIterable, Sendable { case hidden, untagged, tagged, apart }

    /// What the client does with the message before it sends it again.
    enum Client: CaseIterable, Sendable {
        /// Keeps all of it; the gateway still knows the answer.
        case keeps
        /// Keeps all of it, but the gateway was started anew.
        case keepsAcrossRestart
        /// Drops whatever OpenAI does not know.
        case drops
    }

    /// All answers of one part and of two, and every third of three.
    static let answers: [[Kind]] = {
        var all: [[Kind]] = []
        var last: [[Kind]] = [[]]
        for _ in 0..<3 {
            last = last.flatMap { answer in Kind.allCases.map { answer + [$0] } }
            all += last
        }
        return all.indices.filter { all[$0].count < 3 || $0 % 3 == 0 }.map { all[$0] }
    }()

    static func signature(_ place: Int) -> String { Data("signature \(place)".utf8).base64EncodedString() }

    @Test(
        "However it was shown, streamed or not, and whatever the client kept (SIG-010, SIG-011, THINK-041)",
        arguments: Thoughts.allCases, [false, true]
    )
    func roundTrips(thoughts: Thoughts, isStream: Bool) throws {
        for answer in Self.answers {
            var trip = RoundTrip(answer: answer, thoughts: thoughts, isStream: isStream)
            let message = try trip.message()
            for client in Client.allCases {
                // Without images and thoughts nothing may be left to send back.
                if client == .drops, !answer.contains(where: { $0.isText || $0.isCall }) { continue }
                let parts = try trip.modelParts(message, client)
                check(parts, answer, thoughts, client)
            }
        }
    }

    @Test("What is too long to be a signature counts as absent (SIG-007)", arguments: [1 << 20, (1 << 20) + 4])
    func longSignatures(length: Int) throws {
        let signature = String(repeating: "A", count: length)
        let google = ["google": ["thought_signature": signature]]
        let call: [String: Any] = [
            "id": "c1", "type": "function", "function": ["name": "look", "arguments": "{}"], "extra_content": google,
        ]
        let trip = RoundTrip(answer: [], thoughts: .hidden, isStream: false)
        let parts = try trip.modelParts(["role": "assistant", "tool_calls": [call]], .keepsAcrossRestart)
        let sent = parts.first?["thoughtSignature"] as? String
        #expect(sent == (length > 1 << 20 ? "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=" : signature))
    }

    private func check(_ parts: [[String: Any]], _ answer: [Kind], _ thoughts: Thoughts, _ client: Client) {
        let label: Comment = "\(answer) \(thoughts) \(client)"
        func signature(_ part: [String: Any]) -> String? { part["thoughtSignature"] as? String }
        let calls = parts.filter { $0["functionCall"] != nil }
        let others = parts.filter { $0["functionCall"] == nil }
        let asked = answer.indices.filter { answer[$0].isCall }
        let beside = answer.indices.last { answer[$0].isSigned && !answer[$0].isCall }.map(Self.signature)

        #expect(calls.count == asked.count, label)
        for (index, place) in asked.enumerated() where index < calls.count {
            let found = signature(calls[index])
            if answer[place] == .signedCall {
                #expect(found == Self.signature(place), label)
            } else if index == 0 {
                #expect(found != nil, label)
                let isMessages = found == beside && !answer.contains(.signedCall)
                #expect(isMessages || found == "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", label)
            } else {
                #expect(found == nil, label)
            }
        }
        let found = others.compactMap(signature)
        #expect(found.isEmpty || found == [beside], label)
        let hasAnswer = answer.contains(where: \.isText)
        if hasAnswer, beside != nil, client != .keepsAcrossRestart || thoughts != .untagged {
            #expect(found == [beside], label)
            #expect(others.contains { signature($0) != nil && $0["thought"] == nil }, label)
        }
        // Without tags only the gateway's memory can tell thoughts from the answer.
        if thoughts == .untagged, client == .keepsAcrossRestart { return }
        let text = others.filter { $0["thought"] == nil }.compactMap { $0["text"] as? String }.joined()
        #expect(text == answer.indices.filter { answer[$0].isText }.map { "text \($0) " }.joined(), label)
    }
}

/// One answer's way to the client and back.
private struct RoundTrip {
    let answer: [RoundTripTests.Kind]
    let thoughts: RoundTripTests.Thoughts
    let isStream: Bool
    private var remembered = RememberedAnswer()

    init(answer: [RoundTripTests.Kind], thoughts: RoundTripTests.Thoughts, isStream: Bool) {
        self.answer = answer
        self.thoughts = thoughts
        self.isStream = isStream
    }

    private var parts: [[String: Any]] {
        answer.indices.map { place in
            let kind = answer[place]
            var part: [String: Any] = kind.isSigned ? ["thoughtSignature": RoundTripTests.signature(place)] : [:]
            switch kind {
            case .thought, .signedThought:
                part["text"] = "thought \(place) "
                part["thought"] = true
            case .text, .signedText: part["text"] = "text \(place) "
            case .signedNothing: part["text"] = ""
            case .call, .signedCall: part["functionCall"] = ["name": "look", "args": ["place": place]] as [String: Any]
            case .signedImage: part["inlineData"] = ["mimeType": "image/png", "data": "iVBORw0KGgo="]
            }
            return part
        }
    }

    private var request: [String: Any] {
        var google: [String: Any] = [:]
        var extra: [String: Any] = [:]
        if thoughts != .hidden { google["thinking_config"] = ["include_thoughts": true] }
        if thoughts == .tagged { google["thought_tag_marker"] = "think" }
        if thoughts == .apart { extra["pollux"] = ["thoughts": "reasoning_content"] }
        extra["google"] = google
        return ["model": "gemini-3-flash-preview", "extra_body": extra]
    }

    /// The message as the client gets it.
    mutating func message() throws -> [String: Any] {
        let plan = try translate([["role": "user", "content": "Hi"]], NoSignatures()).plan
        var writer = JSONWriter()
        var identifiers = IdentifierSource(seed: (1, 2))
        var tape = JSONTape()
        func event(_ parts: [[String: Any]], isLast: Bool) throws -> [UInt8] {
            var candidate: [String: Any] = ["content": ["role": "model", "parts": parts]]
            if isLast { candidate["finishReason"] = "STOP" }
            return Array(try JSONSerialization.data(withJSONObject: ["candidates": [candidate]]))
        }
        if isStream {
            var translator = StreamTranslator(plan: plan, now: 0)
            translator.digest = TextHash()
            for (place, part) in parts.enumerated() {
                let bytes = try event([part], isLast: place == parts.count - 1)
                try tape.parse(bytes.span)
                translator.translate(tape.document(of: bytes.span), identifiers: &identifiers, into: &writer)
            }
            _ = translator.finish(into: &writer)
            remembered = translator.remembered
            return Self.folded(String(decoding: writer.output.array(), as: UTF8.self))
        }
        let bytes = try event(parts, isLast: true)
        try tape.parse(bytes.span)
        var translator = ResponseTranslator(plan: plan, now: 0)
        translator.remembers = true
        _ = translator.translate(
            tape.document(of: bytes.span), digest: { TextHash() }, identifiers: &identifiers, into: &writer)
        remembered = translator.remembered
        let answer = try JSONSerialization.jsonObject(with: Data(writer.output.array())) as? [String: Any]
        let choices = try #require(answer?["choices"] as? [[String: Any]])
        return try #require(choices[0]["message"] as? [String: Any])
    }

    /// The parts that the message becomes.
    func modelParts(_ message: [String: Any], _ client: RoundTripTests.Client) throws -> [[String: Any]] {
        var message = message
        if client == .drops {
            message = message.filter { ["role", "content", "tool_calls"].contains($0.key) }
            let calls = message["tool_calls"] as? [[String: Any]]
            message["tool_calls"] = calls?.map { $0.filter { $0.key != "extra_content" } }
        }
        var messages: [[String: Any]] = [["role": "user", "content": "Hi"], message]
        for call in message["tool_calls"] as? [[String: Any]] ?? [] {
            messages.append(["role": "tool", "tool_call_id": call["id"] ?? "", "content": "seen"])
        }
        if messages.count == 2 { messages.append(["role": "user", "content": "Go on."]) }
        let source: any SignatureSource = client == .keepsAcrossRestart ? NoSignatures() : Kept(answer: remembered)
        let sent = try JSONSerialization.jsonObject(with: Data(try translate(messages, source).body)) as? [String: Any]
        let contents = sent?["contents"] as? [[String: Any]] ?? []
        return contents.filter { $0["role"] as? String == "model" }.flatMap { $0["parts"] as? [[String: Any]] ?? [] }
    }

    private func translate(
        _ messages: [[String: Any]], _ signatures: any SignatureSource
    ) throws -> (body: [UInt8], plan: ResponsePlan) {
        var request = self.request
        request["messages"] = messages
        request["stream"] = isStream
        let bytes = Array(try JSONSerialization.data(withJSONObject: request))
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let profile = ModelProfiles.defaults.profile(for: "gemini-3-flash-preview")
        let target = TranslationTarget(service: .vertex, profile: profile, model: "gemini-3-flash-preview")
        var translator = RequestTranslator()
        var notes = NoteTaker.off
        let plan = try translator.translate(
            try ChatCompletionRequest(json), of: json, to: target, signatures: signatures, notes: &notes
        )
        return (translator.writer.output.array(), plan)
    }

    /// Adds up a stream's deltas as the official SDK does: strings are joined, numbers added, lists merged by
    /// `index` (04 § 2.1).
    private static func folded(_ stream: String) -> [String: Any] {
        var message: [String: Any] = [:]
        for line in stream.split(separator: "\n") where line.hasPrefix("data: {") {
            let chunk = try? JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8)) as? [String: Any]
            for choice in chunk?["choices"] as? [[String: Any]] ?? [] {
                message = merged(message, choice["delta"] as? [String: Any] ?? [:])
            }
        }
        if message["content"] == nil { message["content"] = NSNull() }
        return message
    }

    private static func merged(_ old: [String: Any], _ new: [String: Any]) -> [String: Any] {
        old.merging(new) { first, second in
            switch (first, second) {
            case (let first as String, let second as String): first + second
            case (let first as [String: Any], let second as [String: Any]): merged(first, second)
            case (let first as [[String: Any]], let second as [[String: Any]]):
                second.reduce(into: first) { list, item in
                    let place = list.firstIndex { $0["index"] as? Int == item["index"] as? Int }
                    if let place { list[place] = merged(list[place], item.filter { $0.key != "index" }) }
                    if place == nil { list.append(item) }
                }
            case (let first as NSNumber, let second as NSNumber): first.intValue + second.intValue
            default: second
            }
        }
    }
}

/// The vault, holding one answer.
private struct Kept: SignatureSource {
    let answer: RememberedAnswer

    var isEmpty: Bool { answer.isEmpty }
    func signature(forCall id: String) -> String? { answer.calls.first { $0.id == id }?.signature }
    func message(content: Span<UInt8>) -> RememberedMessage? {
        var hash = TextHash()
        hash.append(content)
        return answer.messages.first { $0.content == hash.key }?.remembered
    }
}

/// Good enough to tell the texts of a test apart (FNV-1a).
private struct TextHash: ContentDigest {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
    }

    var key: ContentKey { ContentKey(words: (hash, 0)) }
}
