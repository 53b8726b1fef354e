using GptGen.Cuda.Libraries;
using Xunit;

namespace GptGen.Cuda.Tests.Libraries;

public class LibrarySearchTests
{
    /// <summary>Every kind of place in which people have the library, each alone.</summary>
    [Theory]
    [InlineData("/usr/local/cuda/lib64/libcublas.so.13")]
    [InlineData("/usr/local/cuda/targets/x86_64-linux/lib/libcublas.so.13")]
    [InlineData("/usr/local/cuda-12.4/lib64/libcublas.so.12")]
    [InlineData("/opt/cuda/lib64/libcublas.so.13")]
    [InlineData("/usr/lib/x86_64-linux-gnu/libcublas.so.12")]
    [InlineData("/usr/lib64/libcublas.so.13")]
    [InlineData("/opt/nvidia/hpc_sdk/Linux_x86_64/25.9/math_libs/13.0/lib64/libcublas.so.13")]
    [InlineData("/home/user/.local/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12")]
    [InlineData("/usr/local/lib/python3.11/dist-packages/nvidia/cu13/lib/libcublas.so.13")]
    [InlineData("/home/user/.venv/lib/python3.13/site-packages/nvidia/cu13/lib/libcublas.so.13")]
    [InlineData("/opt/conda/lib/python3.10/site-packages/nvidia/cublas/lib/libcublas.so.12")]
    [InlineData("/program/libcublas.so.13")]
    [InlineData("/program/runtimes/linux-x64/native/libcublas.so.13")]
    public void A_library_is_found_where_it_is_installed(string path)
    {
        using var machine = new FakeMachine();
        machine.Add(path);
        Assert.Equal(path, machine.Find(CudaLibrary.Blas));
    }

    [Theory]
    [InlineData("/Program Files/NVIDIA GPU Computing Toolkit/CUDA/v13.0/bin/x64/cublas64_13.dll")]
    [InlineData("/Program Files/NVIDIA GPU Computing Toolkit/CUDA/v12.6/bin/cublas64_12.dll")]
    [InlineData("/home/user/venv/Lib/site-packages/nvidia/cublas/bin/cublas64_12.dll")]
    [InlineData("/home/user/venv/Lib/site-packages/nvidia/cu13/bin/x86_64/cublas64_13.dll")]
    public void A_library_is_found_on_Windows(string path)
    {
        using var machine = new FakeMachine { IsWindows = true };
        machine.Add(path);
        Assert.Equal(path, machine.Find(CudaLibrary.Blas));
    }

    [Theory]
    [InlineData("GPTGEN_CUDA_PATH", "/mine", "/mine/libnvrtc.so.13")]
    [InlineData("GPTGEN_CUDA_PATH", "/packages", "/packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12")]
    [InlineData("CUDA_PATH", "/toolkit", "/toolkit/lib64/libnvrtc.so.13")]
    [InlineData("CUDA_HOME", "/toolkit", "/toolkit/targets/x86_64-linux/lib/libnvrtc.so.12")]
    [InlineData("VIRTUAL_ENV", "/env", "/env/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12")]
    [InlineData("CONDA_PREFIX", "/conda", "/conda/lib/libnvrtc.so.13")]
    public void Variables_name_a_folder_a_toolkit_or_packages(string variable, string value, string path)
    {
        using var machine = new FakeMachine();
        machine.Add(path);
        Assert.Null(machine.Find(CudaLibrary.Compiler));
        machine.Variables[variable] = $"{machine.Root}/none:{machine.Root}{value}";
        Assert.Equal(path, machine.Find(CudaLibrary.Compiler));
    }

    /// <summary>
    /// Whatever the working folder is, its files are somebody's: nothing there is looked at, also where a variable or a missing home folder would
    /// lead there.
    /// </summary>
    [Theory]
    [InlineData("GPTGEN_CUDA_PATH", "libraries")]
    [InlineData("GPTGEN_CUDA_PATH", ".")]
    [InlineData("CUDA_PATH", "./toolkit")]
    [InlineData("CUDA_HOME", "..")]
    [InlineData("VIRTUAL_ENV", ".venv")]
    [InlineData("CONDA_PREFIX", "venv")]
    [InlineData("PATH", ".")]
    public void Every_place_is_an_absolute_path(string variable, string value)
    {
        using var machine = new FakeMachine { Home = "" };
        machine.Variables[variable] = $"{value}:{machine.Root}/named";
        foreach (var library in (CudaLibrary[])[CudaLibrary.Driver, CudaLibrary.Blas, CudaLibrary.Compiler])
        {
            var search = machine.Search(library);
            Assert.All(search.Places, static place => Assert.True(place.Folder is null || place.Folder.StartsWith('/'), $"{place} is searched."));
            Assert.Null(search.Found);
            Assert.Equal(
                variable != "PATH", search.Refused.Any(
                    word => word.Contains($"'{value}' in {variable} is a relative path", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void What_the_user_names_comes_before_the_loader_and_the_loader_before_fixed_places()
    {
        using var machine = new FakeMachine();
        machine.Add("/usr/local/cuda/lib64/libcublas.so.13");
        Assert.Equal("/usr/local/cuda/lib64/libcublas.so.13", machine.Find(CudaLibrary.Blas));
        machine.KnownToLoader.Add("libcublas.so.12");
        Assert.Equal("libcublas.so.12", machine.Find(CudaLibrary.Blas));
        machine.Add("/mine/libcublas.so.12");
        machine.Variables[SearchPlaces.PathVariable] = machine.Root + "/mine";
        Assert.Equal("/mine/libcublas.so.12", machine.Find(CudaLibrary.Blas));
    }

    [Fact]
    public void The_newest_toolkit_comes_first()
    {
        using var machine = new FakeMachine();
        machine.Add("/usr/local/cuda-12.9/lib64/libcublas.so.12");
        machine.Add("/usr/local/cuda-12.10/lib64/libcublas.so.12");
        machine.Add("/usr/local/cuda-9.0/lib64/libcublas.so.12");
        Assert.Equal("/usr/local/cuda-12.10/lib64/libcublas.so.12", machine.Find(CudaLibrary.Blas));
    }

    [Fact]
    public void A_driver_of_CUDA_12_takes_the_libraries_of_CUDA_12()
    {
        using var machine = new FakeMachine();
        machine.Add("/usr/local/cuda/lib64/libcublas.so.13");
        machine.KnownToLoader.Add("libcublas.so.13");
        machine.Add("/usr/local/cuda-12.4/lib64/libcublas.so.12");
        Assert.Equal("/usr/local/cuda-12.4/lib64/libcublas.so.12", machine.Find(CudaLibrary.Blas, driverMajor: 12));
        Assert.Equal("libcublas.so.13", machine.Find(CudaLibrary.Blas, driverMajor: 13));
    }

    [Fact]
    public void What_a_library_loads_by_bare_name_is_loaded_before_it_from_its_folder()
    {
        using var machine = new FakeMachine();
        machine.Add("/usr/local/cuda/lib64/libnvrtc.so.13");
        machine.Add("/usr/local/cuda/lib64/libnvrtc-builtins.so.13.0");
        machine.Add("/usr/local/cuda/lib64/libnvrtc-builtins.so.12.9");
        machine.Find(CudaLibrary.Compiler);
        Assert.Equal(["/usr/local/cuda/lib64/libnvrtc-builtins.so.13.0", "/usr/local/cuda/lib64/libnvrtc.so.13"], machine.Loaded);
    }

    [Fact]
    public void A_file_that_does_not_load_is_told_and_the_search_goes_on()
    {
        using var machine = new FakeMachine();
        machine.Broken.Add("libcublas.so.13");
        machine.Add("/usr/local/cuda/lib64/libcublas.so.13");
        machine.Add("/usr/lib64/libcublas.so.12");
        var search = machine.Search(CudaLibrary.Blas);
        Assert.EndsWith("/usr/lib64/libcublas.so.12", search.Found!.Path);
        Assert.EndsWith("libcublas.so.13: file too short", Assert.Single(search.Refused));
    }

    [Fact]
    public void A_library_of_somebody_else_under_that_name_is_told_and_the_search_goes_on()
    {
        using var machine = new FakeMachine();
        machine.Foreign.Add("libnvrtc.so.13");
        machine.Add("/usr/local/cuda/lib64/libnvrtc.so.13");
        machine.Add("/usr/lib64/libnvrtc.so.12");
        var search = machine.Search(CudaLibrary.Compiler);
        Assert.EndsWith("/usr/lib64/libnvrtc.so.12", search.Found!.Path);
        Assert.EndsWith("libnvrtc.so.13 is no NVRTC: it has no function nvrtcGetCUBIN", Assert.Single(search.Refused));
    }

    [Theory]
    [InlineData("/usr/lib/wsl/lib/libcuda.so.1")]
    [InlineData("/run/opengl-driver/lib/libcuda.so.1")]
    [InlineData("/usr/local/nvidia/lib64/libcuda.so.1")]
    [InlineData("/usr/lib/x86_64-linux-gnu/libcuda.so.1")]
    public void The_driver_is_found_under_WSL_in_containers_and_on_NixOS(string path)
    {
        using var machine = new FakeMachine();
        machine.Add(path);
        Assert.Equal(path, machine.Find(CudaLibrary.Driver, null));
    }

    [Fact]
    public void The_toolkits_stub_is_no_driver()
    {
        using var machine = new FakeMachine();
        machine.Add("/usr/local/cuda/lib64/stubs/libcuda.so.1");
        machine.Add("/usr/local/cuda/lib64/stubs/libcuda.so");
        Assert.Null(machine.Find(CudaLibrary.Driver, null));
    }

    [Fact]
    public void The_message_says_what_was_looked_for_and_what_to_install()
    {
        using var machine = new FakeMachine();
        var driver = LibraryAdvice.Missing(machine.Search(CudaLibrary.Driver, null));
        Assert.Contains("the NVIDIA driver was not found; looked for libcuda.so.1", driver);
        Assert.Contains("https://www.nvidia.com/drivers", driver);
        Assert.Contains("use a CpuDevice", driver);
        var blas = LibraryAdvice.Missing(machine.Search(CudaLibrary.Blas));
        Assert.Contains("cuBLAS was not found; looked for libcublas.so.13 and libcublas.so.12", blas);
        Assert.Contains("pip install nvidia-cublas", blas);
        Assert.Contains("GPTGEN_CUDA_PATH", blas);
        Assert.DoesNotContain('\n', driver + blas);
    }

    [Theory]
    [InlineData("0x10de", "0x030000", "This machine has an NVIDIA GPU: install the driver")]
    [InlineData("0x10de", "0x030200", "This machine has an NVIDIA GPU: install the driver")]
    [InlineData("0x10de", "0x020000", "This machine shows no NVIDIA GPU")]
    [InlineData("0x1002", "0x030000", "This machine shows no NVIDIA GPU")]
    public void The_advice_on_a_driver_knows_whether_there_is_a_GPU(string vendor, string deviceClass, string advice)
    {
        using var machine = new FakeMachine();
        Assert.Contains(". Install the driver", LibraryAdvice.Missing(machine.Search(CudaLibrary.Driver, null)));
        machine.Add("/sys/bus/pci/devices/0000:00:00.0/vendor", "0x8086\n");
        machine.Add("/sys/bus/pci/devices/0000:01:00.0/vendor", vendor + "\n");
        machine.Add("/sys/bus/pci/devices/0000:01:00.0/class", deviceClass + "\n");
        Assert.Contains(advice, LibraryAdvice.Missing(machine.Search(CudaLibrary.Driver, null)));
    }

    /// <summary>As in a build with ManagedCuda's own packages.</summary>
    [Fact]
    public void A_build_for_CUDA_12_takes_and_recommends_nothing_else()
    {
        using var machine = new FakeMachine { CudaMajors = [12] };
        machine.Add("/usr/local/cuda/lib64/libcublas.so.13");
        machine.KnownToLoader.Add("libcublas.so.13");
        var message = LibraryAdvice.Missing(machine.Search(CudaLibrary.Blas));
        Assert.Contains("looked for libcublas.so.12 by", message);
        Assert.Contains("CUDA 12 only", message);
        Assert.Contains("pip install nvidia-cublas-cu12 nvidia-cuda-nvrtc-cu12", message);
        machine.Add("/usr/local/cuda-12.9/lib64/libcublas.so.12");
        Assert.Equal("/usr/local/cuda-12.9/lib64/libcublas.so.12", machine.Find(CudaLibrary.Blas));
    }

    [Fact]
    public void The_message_says_when_only_the_driver_is_too_old()
    {
        using var machine = new FakeMachine();
        machine.Add("/usr/local/cuda/lib64/libnvrtc.so.13");
        var message = LibraryAdvice.Missing(machine.Search(CudaLibrary.Compiler, driverMajor: 12));
        Assert.Contains("libnvrtc.so.13 needs a driver for CUDA 13, and this one runs CUDA 12", message);
        Assert.Contains("Install driver 580 or newer", message);
    }
}
