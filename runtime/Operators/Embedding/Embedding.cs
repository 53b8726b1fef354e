namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// y[r] = dropout(tokenTable[tokens[r]] + positionTable[positions[r]]), [rows, width].
    /// The dropout's element index is r x width + column.
    /// </summary>
    public void Embed<TVocabulary, TContext, TWidth>(
        Integers tokens, Integers positions, Matrix<TVocabulary, TWidth> tokenTable, Matrix<TContext, TWidth> positionTable,
        DropoutSite dropout, Rows<TWidth> y)
        where TVocabulary : struct, IDimension
        where TContext : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        NeedChoices(tokens, y.Count, 0, TVocabulary.Size);
        NeedChoices(positions, y.Count, 0, TContext.Size);
        NeedStored(tokenTable);
        NeedStored(positionTable);
        Need(y, y.Count);
        Embed(tokens.Start, positions.Start, tokenTable.Start, positionTable.Start, dropout, y.Start, y.Count, TWidth.Size);
    }

    /// <summary>
    /// Adds each row's gradient, masked as in the forward pass, to its token's and its position's row, in the order of the rows,
    /// so that the sum is the same whatever the number of threads. <see cref="GradientWrite.Write"/> makes the rows of unused entries zero.
    /// </summary>
    public void EmbedBackward<TVocabulary, TContext, TWidth>(
        Integers tokens, Integers positions, Rows<TWidth> dy, DropoutSite dropout,
        Matrix<TVocabulary, TWidth> dTokenTable, GradientWrite tokenWrite, Matrix<TContext, TWidth> dPositionTable, GradientWrite positionWrite)
        where TVocabulary : struct, IDimension
        where TContext : struct, IDimension
        where TWidth : struct, IDimension
    {
        using var call = Begin();
        NeedChoices(tokens, dy.Count, 0, TVocabulary.Size);
        NeedChoices(positions, dy.Count, 0, TContext.Size);
        Need(dy, dy.Count);
        NeedStored(dTokenTable);
        NeedStored(dPositionTable);
        EmbedBackward(
            tokens.Start, positions.Start, dy.Start, dropout, dTokenTable.Start, tokenWrite, TVocabulary.Stored,
            dPositionTable.Start, positionWrite, TContext.Stored, dy.Count, TWidth.Size);
    }

    /// <summary>The untyped core of <c>Embed</c>.</summary>
    protected abstract void Embed(
        Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width);

    /// <summary>The untyped core of <c>EmbedBackward</c>.</summary>
    protected abstract void EmbedBackward(
        Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows,
        Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width);
}
