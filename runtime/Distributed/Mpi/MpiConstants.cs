using System.Runtime.InteropServices;

namespace GptGen.Distributed.Mpi;

/// <summary>
/// The values that a library's header gives to MPI's names. MPICH's handles are 32-bit integers, of which a callee reads the lower half; Open MPI's
/// are addresses of what the library exports; those of the standard ABI are from the MPI Forum's mpi.h of version 5.0.
/// </summary>
/// <param name="World">MPI_COMM_WORLD.</param>
/// <param name="Float">MPI_FLOAT.</param>
/// <param name="Double">MPI_DOUBLE.</param>
/// <param name="Byte">MPI_BYTE.</param>
/// <param name="ErrorsReturn">MPI_ERRORS_RETURN.</param>
/// <param name="InPlace">MPI_IN_PLACE.</param>
/// <param name="Serialized">MPI_THREAD_SERIALIZED.</param>
internal sealed record MpiConstants(nint World, nint Float, nint Double, nint Byte, nint ErrorsReturn, nint InPlace, int Serialized)
{
    /// <summary>The constants of a library.</summary>
    internal static MpiConstants Of(MpiFamily family, nint library) => family switch
    {
        MpiFamily.OpenMpi => new(
            Address("ompi_mpi_comm_world", library), Address("ompi_mpi_float", library), Address("ompi_mpi_double", library),
            Address("ompi_mpi_byte", library),
            Address("ompi_mpi_errors_return", library), InPlace: 1, Serialized: 2),
        MpiFamily.Mpich => new(0x44000000, 0x4c00040a, 0x4c00080b, 0x4c00010d, 0x54000001, InPlace: -1, Serialized: 2),
        _ => new(0x101, 0x210, 0x214, 0x247, 0x143, InPlace: 1, Serialized: 2048),
    };

    /// <summary>Which family a loaded library is of.</summary>
    internal static unsafe MpiFamily FamilyOf(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _))
            return MpiFamily.OpenMpi;
        // MPICH has the function in its own ABI too, and answers -1 there.
        int major = -1, minor = -1;
        if (NativeLibrary.TryGetExport(library, "MPI_Abi_get_version", out var version))
            _ = ((delegate* unmanaged[Cdecl]<int*, int*, int>)version)(&major, &minor);
        return major >= 1 ? MpiFamily.Standard : MpiFamily.Mpich;
    }

    private static nint Address(string name, nint library) => NativeLibrary.GetExport(library, name);
}
