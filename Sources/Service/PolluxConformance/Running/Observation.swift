import PolluxJSON
import PolluxSSE

/// What a client sees of an answer, as one document that expectations look into.
///
///     {"status", "headers", "body", "error",
///      "choices": [{"index", "message", "finish_reason", "logprobs", …}], "message", "finish_reason", "usage",
///      "chunks": [{…}], "done": 1, "ending": "whole" | "done" | "error" | "cut",
///      "sent": [what went upstream]}
///
/// `message` and `finish_reason` are those of choice 0. A stream is added up as OpenAI's clients do it: texts are
/// appended, calls are found by their index, and `done` counts its `[DONE]`s.
enum Observation {
    static func make(status: Int, headers: [(name: String, value: String)], body: [UInt8], sent: [JSONValue])
        -> JSONValue
    {
        var members: [JSONValue.Member] = [
            .init("status", .number("\(status)")),
            .init("headers", .object(headers.map { .init($0.name.lowercased(), .string($0.value)) })),
            .init("sent", .array(sent)),
        ]
        let isStream = headers.contains { $0.name.lowercased() == "content-type" && $0.value.contains("event-stream") }
        if isStream {
            members += stream(body)
        } else {
            let value = JSONValue(parsing: body.span)
            members.append(.init("body", value ?? .string(String(decoding: body, as: UTF8.self))))
            members.append(.init("ending", .string("whole")))
            if let error = value?["error"] { members.append(.init("error", error)) }
            if let usage = value?["usage"] { members.append(.init("usage", usage)) }
            members += choices(value?["choices"]?.elements ?? [])
        }
        return .object(members)
    }

    private static func choices(_ choices: [JSONValue]) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [.init("choices", .array(choices))]
        if let first = choices.first {
            if let message = first["message"] { members.append(.init("message", message)) }
            if let reason = first["finish_reason"] { members.append(.init("finish_reason", reason)) }
        }
        return members
    }

    private static func stream(_ body: [UInt8]) -> [JSONValue.Member] {
        var chunks: [JSONValue] = []
        var error: JSONValue?
        var done = 0
        var unreadable = 0
        var isLastDone = false
        for data in events(body) {
            isLastDone = false
            if data == Array("[DONE]".utf8) {
                done += 1
                isLastDone = true
                continue
            }
            guard let value = JSONValue(parsing: data.span) else {
                unreadable += 1
                continue
            }
            if let own = value["error"], own != .null { error = own } else { chunks.append(value) }
        }
        var fold = StreamFold()
        for chunk in chunks { fold.add(chunk) }
        let ending = error != nil ? "error" : isLastDone ? "done" : "cut"
        var members: [JSONValue.Member] = [
            .init("chunks", .array(chunks)), .init("done", .number("\(done)")),
            .init("unreadable", .number("\(unreadable)")), .init("ending", .string(ending)),
        ]
        if let error { members.append(.init("error", error)) }
        if let usage = fold.usage { members.append(.init("usage", usage)) }
        return members + choices(fold.choices)
    }

    private static func events(_ body: [UInt8]) -> [[UInt8]] {
        var parser = EventParser(maximumEventBytes: body.count + 1)
        var result: [[UInt8]] = []
        let span = body.span
        var offset = 0
        while let event = try? parser.next(in: span, at: &offset) {
            switch event {
            case .inInput(let range): result.append(Array(body[range]))
            case .inBuffer: result.append(Array(copying: parser.buffered.span))
            }
        }
        return result
    }
}
