namespace GptGen.Tensors;

/// <summary>Activations: a run-time number of rows of a compile-time width, row after row ([Count, TWidth]).</summary>
/// <typeparam name="TWidth">The width.</typeparam>
public readonly struct Rows<TWidth>(Location start, int count)
    where TWidth : struct, IDimension
{
    /// <summary>The first element's place.</summary>
    public Location Start => start;

    /// <summary>Number of rows.</summary>
    public int Count => count;

    /// <summary>Whether there is nothing here.</summary>
    public bool IsNone => start.IsNone;

    /// <summary>All columns, where an operator takes some of packed rows.</summary>
    public Columns<TWidth> Columns() => new(start, count, TWidth.Size);

    /// <summary>One of several equal parts, one behind the other.</summary>
    /// <param name="index">Which part, from 0.</param>
    /// <param name="parts">How many parts there are.</param>
    /// <exception cref="InvalidOperationException">The rows are no such parts.</exception>
    public Rows<TWidth> Part(int index, int parts) => parts > 0 && count % parts == 0 && (uint)index < (uint)parts
        ? new(start.Plus((nint)index * (count / parts) * TWidth.Size), count / parts)
        : throw new InvalidOperationException($"{count} rows have no part {index} of {parts}.");

    /// <summary>The columns from <paramref name="first"/> on.</summary>
    /// <typeparam name="TPart">How many columns.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many.</exception>
    public Columns<TPart> Columns<TPart>(int first)
        where TPart : struct, IDimension
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, TWidth.Size - TPart.Size);
        return new(PackedRows.From(start, count, first), count, TWidth.Size);
    }
}

/// <summary>A weight matrix, [TOut, TIn] row after row: y = x W^T.</summary>
/// <typeparam name="TOut">Number of rows.</typeparam>
/// <typeparam name="TIn">Number of columns.</typeparam>
public readonly struct Matrix<TOut, TIn>(Location start)
    where TOut : struct, IDimension
    where TIn : struct, IDimension
{
    /// <summary>The first element's place.</summary>
    public Location Start => start;

    /// <summary>All elements as one vector.</summary>
    /// <typeparam name="TSize">Their number.</typeparam>
    /// <exception cref="InvalidOperationException">There is another number of them.</exception>
    public Vector<TSize> Flattened<TSize>()
        where TSize : struct, IDimension =>
        (long)TOut.Stored * TIn.Stored == TSize.Stored
            ? new(start)
            : throw new InvalidOperationException($"{TOut.Stored} x {TIn.Stored} elements are no vector of {TSize.Stored}.");
}

/// <summary>A bias or gain, [TSize]. The default value is absent.</summary>
/// <typeparam name="TSize">Number of elements.</typeparam>
public readonly struct Vector<TSize>(Location start)
    where TSize : struct, IDimension
{
    /// <summary>The first element's place.</summary>
    public Location Start => start;

    /// <summary>Whether there is nothing here.</summary>
    public bool IsNone => start.IsNone;
}

/// <summary>32-bit integers, one a row or one a sequence: token ids, targets, positions, lengths.</summary>
public readonly struct Integers(Location start, int count)
{
    /// <summary>The first element's place.</summary>
    public Location Start => start;

    /// <summary>Number of integers.</summary>
    public int Count => count;

    /// <summary>Whether there is nothing here.</summary>
    public bool IsNone => start.IsNone;
}

/// <summary>Numbers of at least f32, a fixed count a row: means, reciprocal deviations, losses. The default value is absent.</summary>
public readonly struct Statistics(Location start, int count)
{
    /// <summary>The first element's place.</summary>
    public Location Start => start;

    /// <summary>Number of elements.</summary>
    public int Count => count;

    /// <summary>Whether there is nothing here.</summary>
    public bool IsNone => start.IsNone;
}

/// <summary>
/// One layer's keys and values: for each of <see cref="Slots"/> sequences and each head, <see cref="Capacity"/> rows of the head's
/// size ([slot, head, position, head size]), keys first, then all values.
/// </summary>
/// <typeparam name="TWidth">Width of the attention (heads x head size).</typeparam>
public readonly struct KeyValueCache<TWidth>(Location start, int slots, int capacity)
    where TWidth : struct, IDimension
{
    /// <summary>The first key's place.</summary>
    public Location Keys => start;

    /// <summary>The first value's place.</summary>
    public Location Values => start.Plus((nint)slots * capacity * TWidth.Stored);

    /// <summary>Number of sequences that fit.</summary>
    public int Slots => slots;

    /// <summary>Number of positions that fit in each.</summary>
    public int Capacity => capacity;

    /// <summary>Elements that a layer's keys and values take.</summary>
    public static nint Elements(int slots, int capacity) => 2 * (nint)slots * capacity * TWidth.Stored;
}
