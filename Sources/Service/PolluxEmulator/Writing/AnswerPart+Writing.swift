import PolluxJSON

extension AnswerPart {
    func write(into writer: inout JSONWriter) {
        writer.object {
            switch content {
            case .thought(let text):
                $0.member("text", text)
                $0.member("thought", true)
            case .text(let text):
                $0.member("text", text)
            case .functionCall(let name, let arguments, let id):
                $0.member("functionCall") {
                    $0.object {
                        $0.member("name", name)
                        $0.key("args")
                        $0.raw(arguments.span)
                        $0.member("id", id)
                    }
                }
            case .callPiece(let piece):
                $0.member("functionCall") { piece.write(into: &$0) }
            case .media(let mimeType, let base64, _):
                $0.member("inlineData") {
                    $0.object {
                        $0.member("mimeType", mimeType)
                        $0.key("data")
                        $0.string(utf8: base64.span)
                    }
                }
            case .code(let code):
                $0.member("executableCode") {
                    $0.object {
                        $0.member("language", "PYTHON")
                        $0.member("code", code)
                    }
                }
            case .codeResult(let output):
                $0.member("codeExecutionResult") {
                    $0.object {
                        $0.member("outcome", "OUTCOME_OK")
                        $0.member("output", output)
                    }
                }
            }
            $0.member("thoughtSignature", signature)
        }
    }
}
