using System.Runtime.CompilerServices;

namespace GptGen;

// What public operators check before their cores, which check nothing: sizes once a call, whatever the number of rows.
public abstract partial class Device
{
    /// <summary>Integers that are looked at together.</summary>
    private const int PartOfIndices = 256;

    /// <summary>Memory for integers that a graph checks on their way to the device.</summary>
    internal Arena AllocateIndices(nint count)
    {
        var arena = Allocate(BufferRole.Token, count);
        arena.HoldsCheckedIndices = true;
        return arena;
    }

    private void Need<TWidth>(Rows<TWidth> view, int rows, [CallerArgumentExpression(nameof(view))] string name = "")
        where TWidth : struct, IDimension
    {
        Need(view.Start, (nint)view.Count * TWidth.Size, integers: false, name);
        AtLeast(view.Count, rows, "rows", name);
    }

    private void NeedOrNone<TWidth>(Rows<TWidth> view, int rows, [CallerArgumentExpression(nameof(view))] string name = "")
        where TWidth : struct, IDimension
    {
        if (!view.IsNone)
            Need(view, rows, name);
    }

    /// <summary>The same where each row of the view is as long as it is stored.</summary>
    private void NeedStored<TWidth>(Rows<TWidth> view, int rows, [CallerArgumentExpression(nameof(view))] string name = "")
        where TWidth : struct, IDimension
    {
        Need(view.Start, (nint)view.Count * TWidth.Stored, integers: false, name);
        AtLeast(view.Count, rows, "rows", name);
    }

    private void Need<TWidth>(Columns<TWidth> view, int rows, [CallerArgumentExpression(nameof(view))] string name = "")
        where TWidth : struct, IDimension
    {
        var elements = view.Count <= 0 ? view.Count : (nint)(view.Count - 1) * view.Stride + TWidth.Size;
        Need(view.Start, elements, integers: false, name);
        if (view.Stride < TWidth.Size)
            throw new ArgumentException($"Rows of {TWidth.Size} columns cannot begin every {view.Stride} elements.", name);
        AtLeast(view.Count, rows, "rows", name);
    }

    private void Need<TOut, TIn>(Matrix<TOut, TIn> matrix, [CallerArgumentExpression(nameof(matrix))] string name = "")
        where TOut : struct, IDimension
        where TIn : struct, IDimension =>
        Need(matrix.Start, (nint)TOut.Size * TIn.Size, integers: false, name);

    /// <summary>The same where all stored rows of the table are used.</summary>
    private void NeedStored<TOut, TIn>(Matrix<TOut, TIn> table, [CallerArgumentExpression(nameof(table))] string name = "")
        where TOut : struct, IDimension
        where TIn : struct, IDimension =>
        Need(table.Start, (nint)TOut.Stored * TIn.Size, integers: false, name);

    private void Need<TSize>(Vector<TSize> vector, [CallerArgumentExpression(nameof(vector))] string name = "")
        where TSize : struct, IDimension =>
        Need(vector.Start, TSize.Size, integers: false, name);

    private void NeedOrNone<TSize>(Vector<TSize> vector, [CallerArgumentExpression(nameof(vector))] string name = "")
        where TSize : struct, IDimension
    {
        if (!vector.IsNone)
            Need(vector, name);
    }

    /// <summary>The same where all stored elements are used.</summary>
    private void NeedStoredOrNone<TSize>(Vector<TSize> vector, [CallerArgumentExpression(nameof(vector))] string name = "")
        where TSize : struct, IDimension
    {
        if (!vector.IsNone)
            Need(vector.Start, TSize.Stored, integers: false, name);
    }

    private void Need(Statistics view, nint count, [CallerArgumentExpression(nameof(view))] string name = "")
    {
        Need(view.Start, view.Count, integers: false, name);
        AtLeast(view.Count, count, "numbers", name);
    }

    private void NeedOrNone(Statistics view, nint count, [CallerArgumentExpression(nameof(view))] string name = "")
    {
        if (!view.IsNone)
            Need(view, count, name);
    }

    private void Need(Integers view, nint count, [CallerArgumentExpression(nameof(view))] string name = "")
    {
        Need(view.Start, view.Count, integers: true, name);
        AtLeast(view.Count, count, "integers", name);
    }

    /// <summary>
    /// Integers of which the first <paramref name="count"/> choose something between <paramref name="first"/> and before <paramref name="limit"/>.
    /// </summary>
    private void NeedChoices(Integers view, int count, int first, int limit, [CallerArgumentExpression(nameof(view))] string name = "")
    {
        Need(view, count, name);
        if (!view.Start.Arena.HoldsCheckedIndices)
            CheckChoices(view, count, first, limit, name);
    }

    private void Numbers(Location start, nint count, [CallerArgumentExpression(nameof(start))] string name = "") =>
        Need(start, count, integers: false, name);

    private void Need(Location start, nint count, bool integers, string name)
    {
        if (start.IsNone)
            throw new ArgumentException("The tensor is absent, but needed.", name);
        var arena = start.Arena;
        if (arena.Device != this)
            throw new ArgumentException("The memory belongs to another device.", name);
        arena.ThrowIfDisposed();
        if (integers != (arena.Role == BufferRole.Token))
            throw new ArgumentException($"Memory of role {arena.Role} was given where {(integers ? "integers" : "numbers")} are needed.", name);
        if (count < 0 || start.Offset > arena.Elements - count)
            throw new ArgumentException($"{count} elements at {start.Offset} do not lie in an arena of {arena.Elements}.", name);
    }

    private static void AtLeast(nint there, nint needed, string what, string name)
    {
        if (there < needed)
            throw new ArgumentException($"There are {there} {what} where {needed} are needed.", name);
    }

    private static void CheckChoices(Integers view, int count, int first, int limit, string name)
    {
        Span<int> part = stackalloc int[PartOfIndices];
        for (var done = 0; done < count; done += part.Length)
        {
            part = part[..Math.Min(part.Length, count - done)];
            view.Start.Arena.Read(view.Start.Offset + done, part);
            foreach (var choice in part)
            {
                if (choice < first || choice >= limit)
                    throw new ArgumentException($"One of the integers is {choice}, but must lie between {first} and {limit - 1}.", name);
            }
        }
    }
}
