namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void ResidualAdd(Location residual, Location branch, DropoutSite dropout, Location y, nint count)
    {
        var left = Numbers(residual, count);
        var right = Numbers(branch, count);
        var sum = Numbers(y, count);
        for (var i = 0; i < sum.Length; i++)
            sum[i] = left[i] + right[i] * Keep(dropout, i);
    }

    /// <inheritdoc/>
    protected override void Copy(Location x, Location y, nint count) => Numbers(x, count).CopyTo(Numbers(y, count));
}
