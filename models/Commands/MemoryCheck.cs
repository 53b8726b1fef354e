using System.Globalization;

namespace GptGen.Models.Commands;

/// <summary>
/// The one way in which commands make a model: after asking whether the machine has the memory. A GPU refuses by itself what it has no memory for.
/// </summary>
internal static class MemoryCheck
{
    /// <summary>A model of the zoo, its weights zero.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static Model Open(this ZooEntry entry, Device device, MemoryNeed need)
    {
        Require(device, entry.Description, need);
        return entry.Create(device);
    }

    /// <summary>The same with a task head.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static ITaskModel Open(this TaskZooEntry entry, Device device, MemoryNeed need)
    {
        Require(device, entry.Description, need);
        return entry.Create(device);
    }

    /// <summary>Refuses what the machine has no memory for, before the system ends the program without a word.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    internal static void Require(Device device, ModelDescription model, MemoryNeed need)
    {
        var saved = MemoryNeed.WeightBytes(model) - device.ParameterBytes(model);
        if (device is CpuDevice && Shortage(model, need, MemoryLimit.Find(), saved) is { } message)
            throw new GptGenException(message);
    }

    /// <summary>What is wrong where a limit is too tight for something; null where it is not.</summary>
    /// <param name="model">The model.</param>
    /// <param name="need">What it is for.</param>
    /// <param name="limit">What there is.</param>
    /// <param name="saved">Bytes of the weights that a device saves by keeping them in a smaller type than f32.</param>
    internal static string? Shortage(ModelDescription model, MemoryNeed need, MemoryLimit limit, double saved = 0)
    {
        if (need.Bytes(model) - saved <= limit.Bytes)
            return null;
        var cause = limit.Cause.Length == 0 ? "" : $" ({limit.Cause})";
        if (need.Size is { } size)
        {
            var free = limit.Bytes - (MemoryNeed.WeightBytes(model) - saved);
            if (free > 0)
                return $"This machine's memory is too small{cause}: "
                    + $"{size.Shortage(model, static _ => sizeof(float), free)}{(need.Remedy is null ? "" : $" Give {need.Remedy}.")}";
            need = MemoryNeed.Weights;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Format(CultureInfo.InvariantCulture, need.Doing, model.Name)} takes {(need.Bytes(model) - saved) / 1e9:N1} GB, "
            + $"but this machine has {limit.Bytes / 1e9:N1} GB{cause}: use {need.Remedy ?? "a smaller model, or a machine with more memory"}.");
    }
}
