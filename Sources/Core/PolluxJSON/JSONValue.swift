/// A JSON value of its own, for tools: recordings and checks, off the way of requests, look at a value more than once.
///
/// Numbers keep their digits, objects their order. A lone surrogate becomes U+FFFD.
public indirect enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Reads a whole document; `nil` when the bytes are no JSON.
    public init?(parsing bytes: Span<UInt8>) {
        var tape = JSONTape()
        guard (try? tape.parse(bytes, limits: JSONLimits(acceptsLoneSurrogates: true))) != nil else { return nil }
        self.init(.root, of: tape.document(of: bytes))
    }

    public init(_ node: JSONNode, of json: borrowing JSONDocument) {
        switch json.kind(node) {
        case .null: self = .null
        case .true: self = .boolean(true)
        case .false: self = .boolean(false)
        case .number: self = .number(json.string(node))
        case .string: self = .string(json.string(node))
        case .array:
            var values: [JSONValue] = []
            var elements = json.elements(node)
            while let element = elements.next(in: json) { values.append(JSONValue(element, of: json)) }
            self = .array(values)
        case .object:
            var result: [Member] = []
            var members = json.members(node)
            while let member = members.next(in: json) {
                result.append(Member(json.string(member.key), JSONValue(member.value, of: json)))
            }
            self = .object(result)
        }
    }

    /// The value as compact JSON.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.output.array()
    }

    public func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .boolean(let value): writer.boolean(value)
        case .number(let digits): writer.raw(Array(digits.utf8).span)
        case .string(let text): writer.string(text: text)
        case .array(let values):
            writer.beginArray()
            for value in values { value.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(text: member.name)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }

    // MARK: Looking inside

    /// The last member of this name.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var elements: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    public var integer: Int? { if case .number(let digits) = self { Int(digits) } else { nil } }
    public var decimal: Double? { if case .number(let digits) = self { Double(digits) } else { nil } }

    /// The same value, with each string as `change` makes it.
    public func mapStrings(_ change: (String) -> String) -> JSONValue {
        switch self {
        case .null, .boolean, .number: self
        case .string(let text): .string(change(text))
        case .array(let values): .array(values.map { $0.mapStrings(change) })
        case .object(let members): .object(members.map { Member($0.name, $0.value.mapStrings(change)) })
        }
    }
}
