internal import PolluxJSON

/// `minimum`, `maximum` and their exclusive forms, which Gemini does not know.
///
///     exclusiveMinimum 0, integer                minimum 1
///     exclusiveMinimum 0                         minimum 0
///     minimum 0, exclusiveMinimum true (draft 4) like the two above
///     both, as numbers                           the stricter one
extension SchemaWalk {
    /// A bound to be written: a number of the source with its digits, or one that was reckoned.
    private enum Bound {
        case source(JSONNode)
        case reckoned(Int)
    }

    /// Writes `minimum` at the place of `minimum` or, without one, of `exclusiveMinimum`; `maximum` alike.
    mutating func bound(_ keyword: SchemaKeyword, _ facts: SchemaFacts, into writer: inout JSONWriter) {
        let isLower = keyword == .minimum || keyword == .exclusiveMinimum
        let inclusive: SchemaKeyword = isLower ? .minimum : .maximum
        let exclusive: SchemaKeyword = isLower ? .exclusiveMinimum : .exclusiveMaximum
        if keyword == exclusive, facts.present.contains(inclusive) { return }
        let limit = value(of: inclusive, in: facts)
        let excluded = index(of: exclusive, in: facts).map { members[$0] }
        guard let result = stricter(limit, excluded?.value, isLower, facts) else {
            if let excluded { note(.repaired, excluded.key, "removed") }
            return
        }
        if let excluded {
            let isExact = if case .reckoned = result { true } else { false }
            note(isExact ? .mapped : .changed, excluded.key, isLower ? "minimum" : "maximum")
        }
        writer.key(isLower ? "minimum" : "maximum")
        switch result {
        case .source(let node): writer.copy(node, of: json)
        case .reckoned(let number): writer.integer(number)
        }
    }

    private func stricter(_ limit: JSONNode?, _ excluded: JSONNode?, _ isLower: Bool, _ facts: SchemaFacts)
        -> Bound?
    {
        guard let excluded else { return limit.map { .source($0) } }
        let isInteger = facts.types.subtracting(.null) == .integer
        // Draft 4: `true` makes the limit itself exclusive.
        guard json.isNumber(excluded) else { return limit.map { next(to: $0, isLower, isInteger) } }
        guard let limit, let inner = json.double(limit), let outer = json.double(excluded) else {
            return next(to: excluded, isLower, isInteger)
        }
        return (isLower ? inner > outer : inner < outer)
            ? .source(limit) : next(to: excluded, isLower, isInteger)
    }

    /// The first number that an excluded limit leaves; among reals there is none, and it is the limit.
    private func next(to node: JSONNode, _ isLower: Bool, _ isInteger: Bool) -> Bound {
        guard isInteger else { return .source(node) }
        if let integer = json.integer(node) {
            let (number, overflow) =
                isLower ? integer.addingReportingOverflow(1) : integer.subtractingReportingOverflow(1)
            return overflow ? .source(node) : .reckoned(number)
        }
        guard let double = json.double(node), double.magnitude < 0x1p53 else { return .source(node) }
        // `rounded` would link the C library's mathematics, which the library does without.
        let whole = Int(double)  // Towards zero.
        let floor = Double(whole) > double ? whole - 1 : whole
        let ceiling = Double(whole) < double ? whole + 1 : whole
        return .reckoned(isLower ? floor + 1 : ceiling - 1)
    }
}
