/// A value behind one reference, or none yet: to copy it takes one count, whatever is in it.
///
/// A change makes a new box, so it is for what is made once and then only read.
struct Boxed<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    /// `nil` when there is no value.
    func read<Result>(_ body: (Value) -> Result) -> Result? {
        guard let box else { return nil }
        return body(box.value)
    }

    mutating func change<Result>(
        from initial: @autoclosure () -> Value, _ body: (inout Value) -> Result
    ) -> Result {
        var value = box?.value ?? initial()
        box = nil  // If it was the only one, what the value holds is changed in place.
        defer { box = Box(value) }
        return body(&value)
    }
}

extension Boxed: Equatable where Value: Equatable {
    static func == (first: Self, second: Self) -> Bool {
        first.box === second.box || first.box?.value == second.box?.value
    }
}
