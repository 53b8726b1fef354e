namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Pool(Location x, Location rows, DropoutSite dropout, Location y, int members, int count, int width)
    {
        var picked = Integers(rows, members * count);
        var output = Numbers(y, (nint)count * width);
        for (var i = 0; i < count; i++)
        {
            for (var column = 0; column < width; column++)
            {
                var sum = 0.0;
                for (var member = 0; member < members; member++)
                    sum += Numbers(x.Plus((nint)picked[i * members + member] * width), width)[column];
                output[i * width + column] = sum * Keep(dropout, (long)i * width + column);
            }
        }
    }

    /// <inheritdoc/>
    protected override void PoolBackward(
        Location dy, Location rows, DropoutSite dropout, Location dx, GradientWrite write, int members, int count, int inputRows, int width)
    {
        var picked = Integers(rows, members * count);
        var outputGradient = Numbers(dy, (nint)count * width);
        var inputGradient = Numbers(dx, (nint)inputRows * width);
        BeginGradient(inputGradient, write);
        for (var group = 0; group < members * count; group++)
        {
            var i = group / members;
            for (var column = 0; column < width; column++)
                inputGradient[picked[group] * width + column] += outputGradient[i * width + column] * Keep(dropout, (long)i * width + column);
        }
    }
}
