namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// Features of words from their characters (Kim et al., "Character-aware neural language models", 2016; as bilm-tf has it): with the rows of
    /// <paramref name="table"/> that a word's characters choose side by side, and w = TWindow / TWidth characters in a window,
    /// y[r, f] = a(the largest over all windows of (the window's numbers x the filter f) + bias[f]). Filters of several widths are a call each, which
    /// write columns of the same rows.
    /// </summary>
    /// <param name="characters">The words' characters, as many for each row of y; padding takes part like any other character.</param>
    /// <param name="table">A row for each character.</param>
    /// <param name="filters">A row for each filter: the numbers of its first character, of its second, and so on.</param>
    /// <param name="bias">A number for each filter.</param>
    /// <param name="activation">a; <see cref="Activation.Relu"/> or <see cref="Activation.Tanh"/>.</param>
    /// <param name="y">The features.</param>
    /// <param name="places">
    /// The first character of the first window that is the largest, [rows, filters], for the backward pass. May be absent.
    /// </param>
    /// <exception cref="ArgumentException">The rows have different numbers of characters, or fewer than a window.</exception>
    public void CharacterConvolution<TCount, TWidth, TWindow, TOut>(
        Integers characters, Matrix<TCount, TWidth> table, Matrix<TOut, TWindow> filters, Vector<TOut> bias, Activation activation, Columns<TOut> y,
        Statistics places)
        where TCount : struct, IDimension
        where TWidth : struct, IDimension
        where TWindow : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedCharacters(characters, y.Count, table, filters, activation);
        Need(bias);
        Need(y, shape.Rows);
        NeedOrNone(places, (nint)shape.Rows * shape.Filters);
        if (shape.Rows > 0)
            CharacterConvolution(characters.Start, table.Start, filters.Start, bias.Start, activation, y.Slice, places.Start, shape);
    }

    /// <summary>
    /// The gradients of <c>CharacterConvolution</c> for the characters' table, the filters and their biases. Of each filter and word only the window
    /// that is the largest has one: dg = dy x a'(...), of which the filter gets dg x that window's numbers, and the window's characters dg x the
    /// filter.
    /// </summary>
    /// <param name="dy">The gradient of the features.</param>
    /// <param name="characters">The words' characters.</param>
    /// <param name="table">A row for each character.</param>
    /// <param name="filters">A row for each filter.</param>
    /// <param name="activation">As the forward pass had it.</param>
    /// <param name="y">As the forward pass left it.</param>
    /// <param name="places">As the forward pass left it.</param>
    /// <param name="dTable">The table's gradient; <see cref="GradientWrite.Write"/> makes the rows of unused characters zero.</param>
    /// <param name="tableWrite">For the table's gradient, which filters of several widths add to.</param>
    /// <param name="dFilters">The filters' gradient.</param>
    /// <param name="dBias">That of their biases.</param>
    /// <param name="write">For the gradients of filters and biases.</param>
    /// <inheritdoc cref="CharacterConvolution" path="/exception"/>
    public void CharacterConvolutionBackward<TCount, TWidth, TWindow, TOut>(
        Columns<TOut> dy, Integers characters, Matrix<TCount, TWidth> table, Matrix<TOut, TWindow> filters, Activation activation, Columns<TOut> y,
        Statistics places, Matrix<TCount, TWidth> dTable, GradientWrite tableWrite, Matrix<TOut, TWindow> dFilters, Vector<TOut> dBias,
        GradientWrite write)
        where TCount : struct, IDimension
        where TWidth : struct, IDimension
        where TWindow : struct, IDimension
        where TOut : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedCharacters(characters, y.Count, table, filters, activation);
        Need(dy, shape.Rows);
        Need(y, shape.Rows);
        Need(places, (nint)shape.Rows * shape.Filters);
        NeedStored(dTable);
        Need(dFilters);
        Need(dBias);
        CharacterConvolutionBackward(
            dy.Slice, characters.Start, table.Start, filters.Start, activation, y.Slice, places.Start, dTable.Start, tableWrite, dFilters.Start,
            dBias.Start, write, shape);
    }

    private CharacterShape NeedCharacters<TCount, TWidth, TWindow, TOut>(
        Integers characters, int rows, Matrix<TCount, TWidth> table, Matrix<TOut, TWindow> filters, Activation activation)
        where TCount : struct, IDimension
        where TWidth : struct, IDimension
        where TWindow : struct, IDimension
        where TOut : struct, IDimension
    {
        if (activation is not (Activation.Relu or Activation.Tanh))
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "Features of characters are made by Relu or Tanh.");
        NeedStored(table);
        Need(filters);
        NeedChoices(characters, characters.Count, 0, TCount.Size);
        var (width, rest) = Math.DivRem(TWindow.Size, TWidth.Size);
        if (rest != 0)
            throw new ArgumentException($"Filters of {TWindow.Size} numbers have no whole number of characters of {TWidth.Size}.", nameof(filters));
        if (rows > 0 ? characters.Count % rows != 0 || characters.Count / rows < width : characters.Count != 0)
        {
            throw new ArgumentException(
                $"{characters.Count} characters are not as many, and at least {width}, for each of {rows} rows.", nameof(characters));
        }

        return new(rows, rows > 0 ? characters.Count / rows : 0, TCount.Size, TCount.Stored, TWidth.Size, width, TOut.Size);
    }

    /// <summary>The untyped core of <c>CharacterConvolution</c>; there is at least one row.</summary>
    protected abstract void CharacterConvolution(
        Location characters, Location table, Location filters, Location bias, Activation activation, ColumnSlice y, Location places,
        in CharacterShape shape);

    /// <summary>The untyped core of <c>CharacterConvolutionBackward</c>.</summary>
    protected abstract void CharacterConvolutionBackward(
        ColumnSlice dy, Location characters, Location table, Location filters, Activation activation, ColumnSlice y, Location places, Location dTable,
        GradientWrite tableWrite, Location dFilters, Location dBias, GradientWrite write, in CharacterShape shape);
}

/// <summary>The sizes of filters over characters.</summary>
/// <param name="Rows">Words.</param>
/// <param name="Length">Characters of each word; 0 without words.</param>
/// <param name="Characters">Rows of the table that characters choose from.</param>
/// <param name="StoredCharacters">Rows of the table in memory.</param>
/// <param name="Width">Numbers of a character.</param>
/// <param name="Window">Characters that a filter sees at once.</param>
/// <param name="Filters">Number of filters.</param>
public readonly record struct CharacterShape(
    int Rows, int Length, int Characters, int StoredCharacters, int Width, int Window, int Filters)
{
    /// <summary>Numbers of one character in all places of all filters' windows.</summary>
    internal int Parts => Window * Filters;
}
