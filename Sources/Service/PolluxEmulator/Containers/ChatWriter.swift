import PolluxJSON

/// Writes Chat Completions, whole and as chunks, in the way of one server or the other.
///
///     vLLM   ids of calls are long; `usage` only in a last chunk that was asked for
///     TGI    arguments of a call are an object when whole; its id is "0"; a name in every chunk
struct ChatWriter {
    static let maximumChoices = 128

    struct Call: Sendable {
        var id: String
        var name: String
        /// The text of a JSON object.
        var arguments: [UInt8]
    }

    struct Choice: Sendable {
        var text = ""
        var calls: [Call] = []
        /// It reached its number of tokens.
        var wasCut = false
    }

    let dialect: ChatCall.Dialect
    let id: String
    let created: Int
    let model: String
    let promptTokens: Int
    let choices: [Choice]

    private var completionTokens: Int {
        choices.reduce(0) { sum, choice in
            sum + Tokens.count(choice.text) + choice.calls.reduce(0) { $0 + ($1.arguments.count + 3) / 4 }
        }
    }

    private func finishReason(_ choice: Choice) -> String {
        if choice.wasCut { return "length" }
        if !choice.calls.isEmpty { return dialect == .tgi ? "stop" : "tool_calls" }
        return "stop"
    }

    // MARK: Whole

    func whole() -> [UInt8] {
        JSONWriter.objectText {
            writeHead("chat.completion", into: &$0)
            $0.member("choices") {
                $0.array {
                    for (index, choice) in choices.enumerated() {
                        $0.object {
                            $0.member("index", index)
                            $0.member("message") { writeMessage(choice, into: &$0) }
                            $0.key("logprobs")
                            $0.null()
                            $0.member("finish_reason", finishReason(choice))
                            if dialect == .vllm {
                                $0.key("stop_reason")
                                $0.null()
                            }
                        }
                    }
                }
            }
            writeUsage(into: &$0)
            if dialect == .vllm {
                $0.key("prompt_logprobs")
                $0.null()
            }
        }
    }

    private func writeHead(_ object: String, into writer: inout JSONWriter) {
        writer.member("id", dialect == .tgi ? "" : id)
        writer.member("object", object)
        writer.member("created", created)
        writer.member("model", model)
        if dialect == .tgi { writer.member("system_fingerprint", "3.3.4-emulated") }
    }

    private func writeMessage(_ choice: Choice, into writer: inout JSONWriter) {
        writer.object {
            $0.member("role", "assistant")
            if choice.calls.isEmpty {
                $0.member("content", choice.text)
            } else if dialect == .vllm {
                $0.key("content")
                $0.null()
            }
            if dialect == .vllm {
                $0.key("reasoning")
                $0.null()
            }
            if dialect == .vllm || !choice.calls.isEmpty {
                $0.member("tool_calls") {
                    $0.array { for call in choice.calls { write(call, isWhole: true, index: nil, into: &$0) } }
                }
            }
        }
    }

    private func write(_ call: Call, isWhole: Bool, index: Int?, into writer: inout JSONWriter) {
        writer.object {
            $0.member("index", index)
            $0.member("id", dialect == .tgi ? "0" : call.id)
            $0.member("type", "function")
            $0.member("function") {
                $0.object {
                    $0.member("name", call.name)
                    $0.key("arguments")
                    if dialect == .tgi, isWhole {
                        $0.raw(call.arguments.span)
                    } else {
                        $0.string(utf8: call.arguments.span)
                    }
                }
            }
        }
    }

    private func writeUsage(into writer: inout JSONWriter) {
        writer.member("usage") {
            $0.object {
                $0.member("prompt_tokens", promptTokens)
                $0.member("completion_tokens", completionTokens)
                $0.member("total_tokens", promptTokens + completionTokens)
            }
        }
    }

    // MARK: Streams

    func stream(includesUsage: Bool) -> Reply {
        var events: [[UInt8]] = []
        for (index, choice) in choices.enumerated() {
            if dialect == .vllm {
                events.append(
                    chunk(index) {
                        $0.member("role", "assistant")
                        $0.member("content", "")
                    }
                )
            }
            events += choice.calls.enumerated().map { position, call in
                chunk(index) {
                    if dialect == .tgi { $0.member("role", "assistant") }
                    $0.member("tool_calls") {
                        $0.array { write(call, isWhole: false, index: position, into: &$0) }
                    }
                }
            }
            for piece in Tokens.pieces(choice.text) {
                events.append(
                    chunk(index) {
                        if dialect == .tgi { $0.member("role", "assistant") }
                        $0.member("content", piece)
                    }
                )
            }
            events.append(
                chunk(index, finishReason: finishReason(choice)) { if dialect == .tgi { $0.member("content", "") } })
        }
        if includesUsage {
            events.append(
                JSONWriter.objectText {
                    writeHead("chat.completion.chunk", into: &$0)
                    $0.member("choices") { $0.array { _ in } }
                    writeUsage(into: &$0)
                }
            )
        }
        events.append(Array("[DONE]".utf8))
        return .eventStream(events, lineEnd: "\n")
    }

    private func chunk(
        _ index: Int, finishReason: String? = nil, _ delta: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        JSONWriter.objectText {
            writeHead("chat.completion.chunk", into: &$0)
            $0.member("choices") {
                $0.array {
                    $0.object {
                        $0.member("index", index)
                        $0.member("delta") { $0.object(delta) }
                        $0.key("logprobs")
                        $0.null()
                        $0.key("finish_reason")
                        if let finishReason { $0.string(text: finishReason) } else { $0.null() }
                    }
                }
            }
        }
    }
}
