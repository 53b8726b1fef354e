namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    /// <inheritdoc/>
    protected override void Dropout(Location x, DropoutSite dropout, Location y, nint count)
    {
        var input = Numbers(x, count);
        var output = Numbers(y, count);
        for (var i = 0; i < input.Length; i++)
            output[i] = input[i] * Keep(dropout, i);
    }
}
