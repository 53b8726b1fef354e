namespace GptGen;

/// <summary>A slot that takes what another one holds.</summary>
/// <param name="From">The slot to copy from.</param>
/// <param name="To">The slot to copy to.</param>
/// <param name="Positions">How many positions, from the first.</param>
public readonly record struct SlotCopy(int From, int To, int Positions);
