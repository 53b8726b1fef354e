namespace GptGen.Tensors;

/// <summary>
/// Some columns of packed rows, [Count, TWidth]: what a fused projection makes is looked at part by part, without a copy.
/// </summary>
/// <typeparam name="TWidth">How many columns.</typeparam>
public readonly struct Columns<TWidth>(Location start, int count, int stride)
    where TWidth : struct, IDimension
{
    /// <summary>The place of the first row's first column.</summary>
    public Location Start => start;

    /// <summary>Number of rows.</summary>
    public int Count => count;

    /// <summary>Elements from one row to the next; at least <typeparamref name="TWidth"/>.</summary>
    public int Stride => stride;

    /// <summary>Whether there is nothing here.</summary>
    public bool IsNone => start.IsNone;

    /// <summary>The same as devices' cores take it.</summary>
    internal ColumnSlice Slice => new(start, stride);
}

/// <summary>Columns of packed rows without their type: the first row's first element, and the elements from one row to the next.</summary>
public readonly record struct ColumnSlice(Location Start, int Stride);

/// <summary>The parts of packed rows.</summary>
public static class PackedRows
{
    /// <summary>The queries of query, key and value.</summary>
    public static Columns<TWidth> Query<TWidth>(this Rows<Triple<TWidth>> packed)
        where TWidth : struct, IDimension =>
        Part<Triple<TWidth>, TWidth>(packed, 0);

    /// <summary>The keys of query, key and value.</summary>
    public static Columns<TWidth> Key<TWidth>(this Rows<Triple<TWidth>> packed)
        where TWidth : struct, IDimension =>
        Part<Triple<TWidth>, TWidth>(packed, 1);

    /// <summary>The values of query, key and value.</summary>
    public static Columns<TWidth> Value<TWidth>(this Rows<Triple<TWidth>> packed)
        where TWidth : struct, IDimension =>
        Part<Triple<TWidth>, TWidth>(packed, 2);

    /// <summary>The keys of key and value.</summary>
    public static Columns<TWidth> Key<TWidth>(this Rows<Double<TWidth>> packed)
        where TWidth : struct, IDimension =>
        Part<Double<TWidth>, TWidth>(packed, 0);

    /// <summary>The values of key and value.</summary>
    public static Columns<TWidth> Value<TWidth>(this Rows<Double<TWidth>> packed)
        where TWidth : struct, IDimension =>
        Part<Double<TWidth>, TWidth>(packed, 1);

    /// <summary>The place of a column of the first row. Without rows there may be no memory behind the first column.</summary>
    internal static Location From(Location start, int count, int first) =>
        first == 0 || start.IsNone || count == 0 ? start : start.Plus(first);

    private static Columns<TWidth> Part<TPacked, TWidth>(Rows<TPacked> packed, int part)
        where TPacked : struct, IDimension
        where TWidth : struct, IDimension =>
        new(From(packed.Start, packed.Count, part * TWidth.Size), packed.Count, TPacked.Size);
}
