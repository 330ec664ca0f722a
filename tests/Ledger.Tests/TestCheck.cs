namespace Actors.Ledger.Tests;

/// <summary>The check value, computed bit by bit.</summary>
internal static class TestCheck
{
    public static byte[] Append(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }

        return [.. bytes, .. BitConverter.GetBytes(~crc)];
    }
}
