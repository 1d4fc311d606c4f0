using VecSQL.Kit;
using VecSQL.Server.Hosting;

namespace VecSQL.Server.Tests.Hosting;

/// <summary>When memory is given back: once, after work, in quiet.</summary>
public sealed class IdleMemoryTests
{
    [Fact]
    public void The_first_quiet_period_after_work_gives_memory_back_and_later_ones_do_not()
    {
        ManualTime time = new();
        long allocated = 1000;
        int collections = 0;
        using IdleMemory memory = new(time, () => allocated, () => collections++);
        Pass(0, 0); // nothing has happened yet
        Pass(IdleMemory.WorthBytes, 0); // busy
        Pass(IdleMemory.WorthBytes, 0); // still busy
        Pass(100, 1); // quiet
        Pass(100, 1); // quiet, and nothing new to give back
        Pass(IdleMemory.QuietBytes, 1); // too little to be worth it
        Pass(0, 1);
        Pass(IdleMemory.WorthBytes, 1);
        Pass(0, 2);

        void Pass(long bytes, int expected)
        {
            allocated += bytes;
            time.Advance(IdleMemory.Period);
            Assert.Equal(expected, collections);
        }
    }
}
