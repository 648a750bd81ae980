import PolluxJSON

/// Holds a request against its ``FieldTable``, as Google's JSON transcoder does.
///
/// The transcoder's leniencies are kept: names in snake_case, words in any case or by number, numbers as
/// strings, integral fractions for integers, `null` for "absent", and one value where several may stand.
struct FieldCheck {
    /// Violations that are told; a request may hold more.
    static let maximumViolations = 50

    private enum Step {
        case field(String)
        case element(Int)
        case key(String)
    }

    private let table: FieldTable
    /// What stands before a message's name where its type is told.
    private let typePrefix: String
    private let version: String
    private var path: [Step] = []
    private(set) var violations: [GoogleError.Violation] = []

    init(_ table: FieldTable, typePrefix: String, version: String) {
        self.table = table
        self.typePrefix = typePrefix
        self.version = version
    }

    /// Checks a whole request.
    ///
    /// - Throws: a 400 that names every fault.
    static func check(
        _ json: borrowing JSONDocument, as message: String, _ backend: Backend, version: String
    ) throws(GoogleError) {
        try check(
            json, as: message,
            FieldCheck(
                backend == .vertex ? .vertex : .developer, typePrefix: backend.typePrefix(version: version),
                version: version
            )
        )
    }

    /// The same, with any table.
    static func check(
        _ json: borrowing JSONDocument, as message: String, _ fresh: FieldCheck
    ) throws(GoogleError) {
        var check = fresh
        guard json.isObject(.root), let index = check.table.index(of: message) else {
            throw .badRequest([
                GoogleError.Violation(
                    field: "", description: "Invalid JSON payload received. Root element must be a message."
                )
            ])
        }
        try DuplicateKeyCheck.check(.root, of: json)
        check.message(.root, index, of: json)
        if !check.violations.isEmpty { throw .badRequest(check.violations) }
    }

    // MARK: Messages

    private mutating func message(_ node: JSONNode, _ index: Int, of json: borrowing JSONDocument) {
        let message = table.messages[index]
        var seen: UInt64 = 0
        var members = json.members(node)
        while let member = members.next(in: json) {
            guard let position = field(member.key, of: message, in: json) else {
                report(
                    "Invalid JSON payload received. Unknown name \"\(json.string(member.key))\"\(place): "
                        + "Cannot find field.")
                continue
            }
            if json.isNull(member.value) { continue }
            let field = message.fields[position]
            if seen & 1 << UInt64(position) != 0 {
                report("Invalid value at '\(rendered)': field '\(field.name)' is set twice.")
                continue
            }
            seen |= 1 << UInt64(position)
            path.append(.field(field.name))
            values(member.value, field, of: json)
            path.removeLast()
        }
        for group in message.alternatives {
            let set = group.filter { seen & 1 << UInt64($0) != 0 }
            guard set.count > 1 else { continue }
            report(
                "Invalid value at '\(rendered)' (oneof), oneof field is already set. "
                    + "Cannot set '\(message.fields[set[1]].name)'")
        }
    }

    private func field(
        _ key: JSONNode, of message: FieldTable.Message, in json: borrowing JSONDocument
    ) -> Int? {
        let length = json.length(key)
        for position in message.fields.indices {
            let field = message.fields[position]
            if field.isBeta, version == "v1" { continue }
            if length == field.camelCase.count, json.raw(key).equals(field.camelCase.span) { return position }
            if length == field.snakeCase.count, json.raw(key).equals(field.snakeCase.span) { return position }
        }
        if json.isPlain(key) { return nil }
        let name = json.string(key)
        return message.fields.firstIndex { $0.name == name || $0.camelCase.elementsEqual(name.utf8) }
    }

    private mutating func values(_ node: JSONNode, _ field: FieldTable.Field, of json: borrowing JSONDocument) {
        guard json.isArray(node), !(field.type.isAny && !field.repeats) else {
            value(node, field.type, of: json)
            return
        }
        guard field.repeats else {
            report(
                "Invalid JSON payload received. Unknown name \"\(field.name)\" at '\(renderedParent)': "
                    + "Proto field is not repeating, cannot start list.")
            return
        }
        var elements = json.elements(node)
        var position = 0
        while let element = elements.next(in: json) {
            path.append(.element(position))
            if json.isNull(element), !field.type.isAny {
                report("Invalid value at '\(rendered)': null is not allowed in a repeated field.")
            } else if json.isArray(element), !field.type.isAny {
                report(
                    "Invalid JSON payload received. Unknown name \"\(field.name)\": "
                        + "Proto field is not repeating, cannot start list.")
            } else {
                value(element, field.type, of: json)
            }
            path.removeLast()
            position += 1
        }
    }

    // MARK: Values

    private mutating func value(
        _ node: JSONNode, _ type: FieldTable.FieldType, of json: borrowing JSONDocument
    ) {
        switch type {
        case .any:
            return
        case .string:
            if !json.isString(node) { reportType("TYPE_STRING", node, json) }
        case .boolean:
            if json.boolean(node) == nil { reportType("TYPE_BOOL", node, json) }
        case .bytes:
            guard json.isString(node), Base64.isValid(node, of: json) else {
                report(
                    "Invalid value at '\(rendered)' (TYPE_BYTES), Base64 decoding failed for "
                        + shortened(node, json))
                return
            }
        case .int32:
            if json.wholeNumber(node).flatMap(Int32.init(exactly:)) == nil {
                reportType("TYPE_INT32", node, json)
            }
        case .int64:
            if json.wholeNumber(node) == nil { reportType("TYPE_INT64", node, json) }
        case .float:
            if json.floatNumber(node) == nil { reportType("TYPE_FLOAT", node, json) }
        case .structure:
            if !json.isObject(node) {
                reportType("type.googleapis.com/google.protobuf.Struct", node, json)
            }
        case .message(let index):
            guard json.isObject(node) else {
                reportType(typePrefix + table.messages[index].name, node, json)
                return
            }
            message(node, index, of: json)
        case .map(let value):
            map(node, of: value, in: json)
        case .words(let words):
            word(node, of: words, in: json)
        }
    }

    private mutating func map(
        _ node: JSONNode, of type: FieldTable.FieldType, in json: borrowing JSONDocument
    ) {
        guard json.isObject(node) else {
            reportType("map", node, json)
            return
        }
        var members = json.members(node)
        while let member = members.next(in: json) {
            path.append(.key(json.string(member.key)))
            if json.isNull(member.value) {
                report("Invalid value at '\(rendered)': map value cannot be null.")
            } else {
                value(member.value, type, of: json)
            }
            path.removeLast()
        }
    }

    private mutating func word(_ node: JSONNode, of words: [String], in json: borrowing JSONDocument) {
        if json.isNumber(node), json.integer(node) != nil { return }
        if json.isString(node) {
            let given = json.string(node)
            if words.contains(given) || words.contains(given.uppercased()) { return }
        }
        reportType("TYPE_ENUM", node, json)
    }

    // MARK: Reports

    private mutating func reportType(_ type: String, _ node: JSONNode, _ json: borrowing JSONDocument) {
        report("Invalid value at '\(rendered)' (\(type)), \(shortened(node, json))")
    }

    private mutating func report(_ description: String) {
        guard violations.count < Self.maximumViolations else { return }
        violations.append(GoogleError.Violation(field: rendered, description: description))
    }

    private func shortened(_ node: JSONNode, _ json: borrowing JSONDocument) -> String {
        let range = json.outerRange(node)
        let end = min(range.upperBound, range.lowerBound + 100)
        return String(copying: json.bytes.extracting(range.lowerBound..<end))
    }

    private var place: String { path.isEmpty ? "" : " at '\(rendered)'" }
    private var rendered: String { Self.render(path[...]) }
    private var renderedParent: String { Self.render(path.dropLast()) }

    private static func render(_ path: ArraySlice<Step>) -> String {
        var text = ""
        for step in path {
            switch step {
            case .field(let name): text += text.isEmpty ? name : "." + name
            case .element(let position): text += "[\(position)]"
            case .key(let key): text += "[\(key)]"
            }
        }
        return text
    }
}

extension FieldTable.FieldType {
    var isAny: Bool {
        if case .any = self { true } else { false }
    }
}
