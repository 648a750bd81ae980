import PolluxJSON
import PolluxTranslation

/// What models cost, by patterns of their names.
///
/// - Shape: a JSON array of rows, `{"match":"gemini-2.5-flash","input":0.3,"cached":0.03,"audio_input":1,"output":2.5}`,
///   in dollars for a million tokens; `"long":{"above":200000,"input":…,"output":…}` for long prompts. A row without
///   prices says that they are not known.
/// - Order: the first row that matches counts. What is added later is asked before.
public struct PriceTable: Sendable, Hashable {
    fileprivate struct Row: Sendable, Hashable {
        let pattern: [UInt8]
        let price: ModelPrice?
    }

    private var rows: [Row] = []

    /// The table that ships with the program.
    public static let defaults: PriceTable = {
        do {
            var table = PriceTable()
            try table.add(parsing: PackageResources.prices_json)
            return table
        } catch {
            preconditionFailure("prices.json: \(error)")  // A test reads the file as it is built in.
        }
    }()

    public init() {}

    /// Rows that a table may have.
    public static let maximumRows = 10_000

    /// The price of a bare model id; `nil` when it is not known.
    public func price(of model: String) -> ModelPrice? {
        rows.first { WildcardPattern.matches($0.pattern.span, model.utf8Span.span) }?.price
    }

    /// Adds rows before those that are there.
    public mutating func add(parsing bytes: [UInt8]) throws(PriceError) {
        var tape = JSONTape()
        do throws(JSONError) {
            try tape.parse(bytes.span)
        } catch {
            throw PriceError(row: nil, "is not JSON")
        }
        let json = tape.document(of: bytes.span)
        guard json.isArray(.root) else { throw PriceError(row: nil, "is not an array of rows") }
        var added: [Row] = []
        var elements = json.elements(.root)
        while let element = elements.next(in: json) {
            guard added.count < Self.maximumRows else {
                throw PriceError(row: nil, "has more than \(Self.maximumRows) rows")
            }
            added.append(try PriceReader(json, row: added.count).row(element))
        }
        rows = added + rows
    }
}

/// What is wrong with a table of prices.
public struct PriceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// From 0; `nil` when the text as a whole is wrong.
    public let row: Int?
    public let reason: String

    init(row: Int?, _ reason: String) {
        self.row = row
        self.reason = reason
    }

    public var description: String { row.map { "row \($0 + 1): \(reason)" } ?? reason }
}

/// Reads one row.
private struct PriceReader: ~Escapable {
    let json: JSONDocument
    let number: Int

    @_lifetime(copy json)
    init(_ json: JSONDocument, row number: Int) {
        self.json = json
        self.number = number
    }

    func row(_ node: JSONNode) throws(PriceError) -> PriceTable.Row {
        guard json.isObject(node) else { throw error("is not an object") }
        var match: String?
        var long: ModelPrice.Long?
        var members = json.members(node)
        while let member = members.next(in: json) {
            switch json.string(member.key) {
            case "match":
                guard json.isString(member.value), !json.string(member.value).isEmpty else {
                    throw error("'match' is not the pattern of a model's name")
                }
                match = json.string(member.value)
            case "long": long = try self.long(member.value)
            case "input", "cached", "audio_input", "output", "audio_output": break
            case let name: throw error("has an unknown member '\(name.prefix(40))'")
            }
        }
        guard let match else { throw error("has no 'match'") }
        guard let price = try price(node) else {
            return PriceTable.Row(pattern: Array(match.utf8), price: nil)
        }
        return PriceTable.Row(pattern: Array(match.utf8), price: ModelPrice(price: price, long: long))
    }

    private func long(_ node: JSONNode) throws(PriceError) -> ModelPrice.Long {
        guard json.isObject(node), let above = json.value("above", of: node).flatMap({ json.integer($0) }), above >= 0,
            let price = try price(node)
        else { throw error("'long' needs 'above', a number of tokens, and prices") }
        return ModelPrice.Long(promptTokens: above, price: price)
    }

    /// `nil` when there is none at all.
    private func price(_ node: JSONNode) throws(PriceError) -> Price? {
        let input = try amount("input", node)
        let output = try amount("output", node)
        var price = Price()
        price.cached = try amount("cached", node)
        price.audioInput = try amount("audio_input", node)
        price.audioOutput = try amount("audio_output", node)
        if input == nil, output == nil, price == Price() { return nil }
        guard let input, let output else { throw error("needs both 'input' and 'output'") }
        price.input = input
        price.output = output
        return price
    }

    private func amount(_ name: StaticString, _ node: JSONNode) throws(PriceError) -> Int? {
        guard let value = json.value(name, of: node) else { return nil }
        guard let dollars = json.double(value), dollars >= 0, dollars * 1_000_000 <= Double(Price.maximum) else {
            throw error("'\(name)' is not a price in dollars for a million tokens")
        }
        return Int((dollars * 1_000_000).rounded())
    }

    private func error(_ reason: String) -> PriceError { PriceError(row: number, reason) }
}
