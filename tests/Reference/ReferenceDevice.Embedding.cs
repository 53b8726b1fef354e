namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Embed(
        Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width)
    {
        var tokenIds = Integers(tokens, rows);
        var positionIds = Integers(positions, rows);
        var output = Numbers(y, (nint)rows * width);
        for (var row = 0; row < rows; row++)
        {
            var token = Numbers(tokenTable.Plus((nint)tokenIds[row] * width), width);
            var position = Numbers(positionTable.Plus((nint)positionIds[row] * width), width);
            for (var i = 0; i < width; i++)
                output[row * width + i] = (token[i] + position[i]) * Keep(dropout, (long)row * width + i);
        }
    }

    /// <inheritdoc/>
    protected override void EmbedBackward(
        Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows,
        Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width)
    {
        var tokenIds = Integers(tokens, rows);
        var positionIds = Integers(positions, rows);
        var outputGradient = Numbers(dy, (nint)rows * width);
        var tokenGradient = Numbers(dTokenTable, (nint)tokenRows * width);
        var positionGradient = Numbers(dPositionTable, (nint)positionRows * width);
        BeginGradient(tokenGradient, tokenWrite);
        BeginGradient(positionGradient, positionWrite);
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < width; i++)
            {
                var gradient = outputGradient[row * width + i] * Keep(dropout, (long)row * width + i);
                tokenGradient[tokenIds[row] * width + i] += gradient;
                positionGradient[positionIds[row] * width + i] += gradient;
            }
        }
    }
}
