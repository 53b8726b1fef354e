namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// The recurrence of an LSTM with projection over the sequences of a batch (Sak et al. 2014; without peepholes, as bilm-tf has it). What the
    /// inputs contribute is made before as one product: <paramref name="gates"/>, [sequences x length, 4 cells], is x W^T + b in the order i, j, f,
    /// o. Step by step, with the outputs m and cells c of the step before:
    /// g = gates + m R^T; c = clip(sigmoid(g_f + 1) c + sigmoid(g_i) tanh(g_j), cell clip); m = clip((sigmoid(g_o) tanh(c)) P^T, projection clip),
    /// where R is <paramref name="recurrent"/>, [4 cells, projection], and P is <paramref name="projection"/>, [projection, cells].
    /// </summary>
    /// <param name="gates">What the inputs contribute; rows behind a sequence's end are not looked at.</param>
    /// <param name="recurrent">R.</param>
    /// <param name="projection">P.</param>
    /// <param name="lengths">How many rows of each sequence count, none included.</param>
    /// <param name="recurrence">Direction and clips. Backward, each sequence begins at its own last row.</param>
    /// <param name="initialCells">The cells before the first step, one row a sequence; zero where absent.</param>
    /// <param name="initialProjected">The outputs before the first step, one row a sequence; zero where absent.</param>
    /// <param name="activated">
    /// sigmoid(g_i), tanh(g_j), sigmoid(g_f + 1) and sigmoid(g_o) of each row that counts, for the backward pass; may be <paramref name="gates"/>.
    /// </param>
    /// <param name="cells">c after each row that counts, for the backward pass.</param>
    /// <param name="y">m of each row that counts; the other rows become zero.</param>
    /// <param name="finalCells">
    /// The cells after each sequence's last step; without steps the initial ones, whose memory it may be. May be absent.
    /// </param>
    /// <param name="finalProjected">The same for the outputs.</param>
    public void LstmScan<TCells, TProjection>(
        Rows<Quadruple<TCells>> gates, Matrix<Quadruple<TCells>, TProjection> recurrent, Matrix<TProjection, TCells> projection, Integers lengths,
        LstmRecurrence recurrence, Rows<TCells> initialCells, Rows<TProjection> initialProjected, Rows<Quadruple<TCells>> activated,
        Rows<TCells> cells, Rows<TProjection> y, Rows<TCells> finalCells, Rows<TProjection> finalProjected)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedLstm(gates.Count, recurrent, projection, lengths, recurrence, initialCells, initialProjected);
        Need(gates, shape.Rows);
        Need(activated, shape.Rows);
        Need(cells, shape.Rows);
        Need(y, shape.Rows);
        NeedOrNone(finalCells, shape.Sequences);
        NeedOrNone(finalProjected, shape.Sequences);
        if (shape.Sequences > 0)
        {
            LstmScan(
                gates.Start, recurrent.Start, projection.Start, lengths.Start, new(initialCells.Start, initialProjected.Start), activated.Start,
                cells.Start, y.Start, new(finalCells.Start, finalProjected.Start), shape);
        }
    }

    /// <summary>
    /// The gradients of <c>LstmScan</c> for the gates and both weights. None flows to the initial states, and none comes from the final ones: the way
    /// back through time ends with the batch. Where a clip acted, and at the bound itself, nothing flows.
    /// </summary>
    /// <param name="dy">The gradient of the outputs; rows behind a sequence's end are not looked at.</param>
    /// <param name="activated">As the forward pass left it.</param>
    /// <param name="cells">As the forward pass left it.</param>
    /// <param name="y">As the forward pass left it.</param>
    /// <param name="recurrent">R.</param>
    /// <param name="projection">P.</param>
    /// <param name="lengths">How many rows of each sequence count.</param>
    /// <param name="recurrence">Direction and clips.</param>
    /// <param name="initialCells">As the forward pass had it.</param>
    /// <param name="initialProjected">As the forward pass had it.</param>
    /// <param name="dGates">Written; zero in rows that do not count. May be <paramref name="activated"/>.</param>
    /// <param name="dRecurrent">R's gradient.</param>
    /// <param name="dProjection">P's gradient.</param>
    /// <param name="write">For the gradients of both weights.</param>
    public void LstmScanBackward<TCells, TProjection>(
        Rows<TProjection> dy, Rows<Quadruple<TCells>> activated, Rows<TCells> cells, Rows<TProjection> y,
        Matrix<Quadruple<TCells>, TProjection> recurrent, Matrix<TProjection, TCells> projection, Integers lengths, LstmRecurrence recurrence,
        Rows<TCells> initialCells, Rows<TProjection> initialProjected, Rows<Quadruple<TCells>> dGates,
        Matrix<Quadruple<TCells>, TProjection> dRecurrent, Matrix<TProjection, TCells> dProjection, GradientWrite write)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        using var call = Begin();
        var shape = NeedLstm(y.Count, recurrent, projection, lengths, recurrence, initialCells, initialProjected);
        Need(dy, shape.Rows);
        Need(activated, shape.Rows);
        Need(cells, shape.Rows);
        Need(y, shape.Rows);
        Need(dGates, shape.Rows);
        Need(dRecurrent);
        Need(dProjection);
        LstmScanBackward(
            dy.Start, activated.Start, cells.Start, y.Start, recurrent.Start, projection.Start, lengths.Start,
            new(initialCells.Start, initialProjected.Start), dGates.Start, dRecurrent.Start, dProjection.Start, write, shape);
    }

    private LstmShape NeedLstm<TCells, TProjection>(
        int rows, Matrix<Quadruple<TCells>, TProjection> recurrent, Matrix<TProjection, TCells> projection, Integers lengths,
        LstmRecurrence recurrence, Rows<TCells> initialCells, Rows<TProjection> initialProjected)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        recurrence.Check(nameof(recurrence));
        Need(recurrent);
        Need(projection);
        Need(lengths, lengths.Count);
        LstmShape shape = new(lengths.Count, PerSequence(rows, lengths.Count), TCells.Size, TProjection.Size, recurrence);
        NeedChoices(lengths, shape.Sequences, 0, shape.Length + 1);
        NeedOrNone(initialCells, shape.Sequences);
        NeedOrNone(initialProjected, shape.Sequences);
        return shape;
    }

    /// <summary>The untyped core of <c>LstmScan</c>; there is at least one sequence.</summary>
    protected abstract void LstmScan(
        Location gates, Location recurrent, Location projection, Location lengths, in LstmState initial, Location activated, Location cells,
        Location y, in LstmState final, in LstmShape shape);

    /// <summary>The untyped core of <c>LstmScanBackward</c>.</summary>
    protected abstract void LstmScanBackward(
        Location dy, Location activated, Location cells, Location y, Location recurrent, Location projection, Location lengths,
        in LstmState initial, Location dGates, Location dRecurrent, Location dProjection, GradientWrite write, in LstmShape shape);
}
