namespace GptGen;

/// <summary>What a relative attention reads.</summary>
/// <param name="Qkv">Queries, keys and values side by side, [sequences x key length, 3 x width].</param>
/// <param name="Distances">A projected row for each distance, [at least key length, width].</param>
/// <param name="ContentBias">What is added to queries that meet keys, [width].</param>
/// <param name="PositionBias">What is added to queries that meet distances, [width].</param>
/// <param name="Window">The most keys that a query sees, its own among them; at most the key length.</param>
public readonly record struct RelativeInputs(Location Qkv, Location Distances, Location ContentBias, Location PositionBias, int Window);

/// <summary>Where a relative attention's gradients go, each as the input that it belongs to.</summary>
/// <param name="Qkv">That of queries, keys and values; written.</param>
/// <param name="Distances">The distances'; written.</param>
/// <param name="DistanceRows">Rows of it, those beyond the key length included.</param>
/// <param name="ContentBias">The first bias's.</param>
/// <param name="PositionBias">The second bias's.</param>
/// <param name="BiasWrite">Whether the biases' are written or added.</param>
public readonly record struct RelativeGradients(
    Location Qkv, Location Distances, int DistanceRows, Location ContentBias, Location PositionBias, GradientWrite BiasWrite);
