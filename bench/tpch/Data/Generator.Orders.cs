using VecSQL.Vectors.Quantization;

namespace VecSQL.Bench.Tpch.Data;

/// <summary>Orders and their items: an order's total and status come from its items, so both tables make the same order.</summary>
internal sealed partial class Generator
{
    private const int ItemsMax = 7, OrderDays = 2406; // from the first day to 151 days before the last, both included

    private static readonly DateOnly FirstDay = new(1992, 1, 1), Today = new(1995, 6, 17);

    private readonly record struct Item(
        int Part, int Supplier, int Quantity, long Price, int Discount, int Tax, byte Returned, byte Status,
        DateOnly Shipped, DateOnly Committed, DateOnly Received, string Instruction, string Mode);

    private readonly record struct Order(int Key, DateOnly Date, int ItemCount);

    /// <summary>Of each 32 keys the first eight are used.</summary>
    private static int OrderKey(int number) => ((number / 8) << 5) + (number % 8) + 1;

    private Order MakeOrder(int number, ref SplitMix random, Span<Item> items)
    {
        DateOnly date = FirstDay.AddDays(random.Next(OrderDays));
        int count = Between(ref random, 1, ItemsMax);
        for (int i = 0; i < count; i++)
            items[i] = MakeItem(ref random, date);
        return new Order(OrderKey(number), date, count);
    }

    private Item MakeItem(ref SplitMix random, DateOnly ordered)
    {
        int part = Between(ref random, 1, PartCount), quantity = Between(ref random, 1, 50);
        int supplier = SupplierOf(part, random.Next(SuppliersPerPart));
        int discount = random.Next(11), tax = random.Next(9);
        DateOnly shipped = ordered.AddDays(Between(ref random, 1, 121)), committed = ordered.AddDays(Between(ref random, 30, 90));
        DateOnly received = shipped.AddDays(Between(ref random, 1, 30));
        byte returned = (byte)(random.Next(2) == 0 ? 'R' : 'A');
        return new Item(part, supplier, quantity, quantity * RetailPrice(part), discount, tax, received <= Today ? returned : (byte)'N',
            (byte)(shipped > Today ? 'O' : 'F'), shipped, committed, received, Pick(ref random, Words.Instructions), Pick(ref random, Words.Modes));
    }

    private void WriteOrders(IRowWriter rows)
    {
        Span<Item> items = new Item[ItemsMax];
        for (int number = 0; number < OrderCount; number++)
        {
            SplitMix random = Random(OrderStream, number);
            Order order = MakeOrder(number, ref random, items);
            int open = 0;
            decimal total = 0;
            foreach (Item item in items[..order.ItemCount])
            {
                open += item.Status == 'O' ? 1 : 0;
                total += item.Price * (100 - item.Discount) * (100 + item.Tax) / 10_000m;
            }
            rows.BeginRow(9);
            rows.Integer(order.Key);
            rows.Integer(Orderer(ref random));
            rows.Text([(byte)(open == 0 ? 'F' : open == order.ItemCount ? 'O' : 'P')]);
            rows.Money((long)Math.Round(total, MidpointRounding.AwayFromZero));
            rows.Date(order.Date);
            Text(rows, Pick(ref random, Words.Priorities));
            Numbered(rows, "Clerk#"u8, Between(ref random, 1, ClerkCount));
            rows.Integer(0);
            rows.Text(_texts.Cut(ref random, 19, 78));
            rows.EndRow();
        }
    }

    /// <summary>A third of the customers, those whose key three divides, never orders.</summary>
    private int Orderer(ref SplitMix random)
    {
        int customer;
        do
            customer = Between(ref random, 1, CustomerCount);
        while (customer % 3 == 0);
        return customer;
    }

    private void WriteLineItems(IRowWriter rows)
    {
        Span<Item> items = new Item[ItemsMax];
        for (int number = 0; number < OrderCount; number++)
        {
            SplitMix random = Random(OrderStream, number);
            Order order = MakeOrder(number, ref random, items);
            for (int i = 0; i < order.ItemCount; i++)
                WriteItem(rows, ref random, order.Key, i + 1, items[i]);
        }
    }

    private void WriteItem(IRowWriter rows, ref SplitMix random, int order, int line, Item item)
    {
        rows.BeginRow(16);
        rows.Integer(order);
        rows.Integer(item.Part);
        rows.Integer(item.Supplier);
        rows.Integer(line);
        rows.Money(item.Quantity * 100);
        rows.Money(item.Price);
        rows.Money(item.Discount);
        rows.Money(item.Tax);
        rows.Text([item.Returned]);
        rows.Text([item.Status]);
        rows.Date(item.Shipped);
        rows.Date(item.Committed);
        rows.Date(item.Received);
        Text(rows, item.Instruction);
        Text(rows, item.Mode);
        rows.Text(_texts.Cut(ref random, 10, 43));
        rows.EndRow();
    }
}
