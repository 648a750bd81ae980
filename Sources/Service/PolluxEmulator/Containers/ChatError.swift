import PolluxJSON

/// A refusal, as servers of Chat Completions write it.
///
///     vLLM   {"error":{"message":"…","type":"BadRequestError","param":null,"code":400}}
///     TGI    {"error":"…","error_type":"validation"}
struct ChatError: Error, Sendable, Equatable {
    enum Kind: Sendable {
        /// The body is no request at all.
        case shape
        case validation
        case template
        case notFound
        case unauthorized
    }

    var kind: Kind
    var message: String
    var parameter: String?

    func reply(_ dialect: ChatCall.Dialect) -> Reply {
        switch dialect {
        case .vllm: vllm
        case .tgi: tgi
        }
    }

    private var vllm: Reply {
        // The server's middleware looks at keys, and has its own form.
        if kind == .unauthorized { return .json(Array(#"{"error":"Unauthorized"}"#.utf8), status: 401) }
        let code = kind == .notFound ? 404 : 400
        let type =
            switch kind {
            case .notFound: "NotFoundError"
            case .shape: "Bad Request"
            default: "BadRequestError"
            }
        return .json(
            JSONWriter.objectText {
                $0.member("error") {
                    $0.object {
                        $0.member("message", message)
                        $0.member("type", type)
                        $0.key("param")
                        if let parameter { $0.string(text: parameter) } else { $0.null() }
                        $0.member("code", code)
                    }
                }
            }, status: code
        )
    }

    private var tgi: Reply {
        switch kind {
        case .shape:
            return .text("Failed to deserialize the JSON body into the target type: \(message)", status: 422)
        case .unauthorized: return .text("", status: 401)
        case .notFound: return .text("", status: 404)
        case .validation, .template:
            let isTemplate = kind == .template
            return .json(
                JSONWriter.objectText {
                    $0.member("error", (isTemplate ? "Template error: " : "Input validation error: ") + message)
                    $0.member("error_type", isTemplate ? "template_error" : "validation")
                }, status: 422
            )
        }
    }
}
