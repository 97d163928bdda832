/**
 * Names of ATT&CK for Enterprise, version 19: tactics, techniques with their sub-techniques, and what replaced those that were revoked.
 * Facts only, no texts. `docs/reference/sigma-lint.md` says how they are refreshed.
 */

/** The tactics the tags appendix lists, and those of ATT&CK 19 (where `defense-evasion` became `stealth` and `defense-impairment`). */
export const TACTICS: readonly string[] = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'defense-evasion',
  'stealth',
  'defense-impairment',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'impact',
];

/** `1003/8`: T1003 with sub-techniques .001 to .008; `/3-10` and `/1-2,5` as they read. */
const TECHNIQUES = `
1001/3 1003/8 1005 1006 1007 1008 1010 1011/1 1012 1014 1016/2 1018 1020/1 1021/8 1025 1027/18 1029 1030 1033 1036/12 1037/5 1039
1040 1041 1046 1047 1048/3 1049 1052/1 1053/2-7 1055/1-5,8,9,11-15 1056/4 1057 1059/13 1068 1069/3 1070/3-10 1071/5 1072 1074/2 1078/4
1080 1082 1083 1087/4 1090/4 1091 1092 1095 1098/7 1102/3 1104 1105 1106 1110/4 1111 1112 1113 1114/3 1115 1119 1120 1123 1124 1125
1127/3 1129 1132/2 1133 1134/5 1135 1136/3 1137/6 1140 1176/2 1185 1187 1189 1190 1195/3 1197 1199 1200 1201 1202 1203 1204/5 1205/2
1207 1210 1211 1212 1213/6 1216/2 1217 1218/1-5,7-15 1219/3 1220 1221 1222/2 1480/2 1482 1484/2 1485/1 1486 1489 1490 1491/2 1495
1496/4 1497/3 1498/2 1499/4 1505/6 1518/2 1525 1526 1528 1529 1530 1531 1534 1535 1537 1538 1539 1542/5 1543/5 1546/18
1547/1-10,12-15 1548/6 1550/4 1552/8 1553/6 1554 1555/6 1556/9 1557/4 1558/5 1559/3 1560/3 1561/2 1563/2 1564/14 1565/3 1566/4 1567/4
1568/3 1569/3 1570 1571 1572 1573/2 1574/1,4-14 1578/5 1580 1583/8 1584/8 1585/3 1586/3 1587/4 1588/7 1589/3 1590/6 1591/4 1592/4
1593/3 1594 1595/3 1596/5 1597/2 1598/4 1599/1 1600/2 1601/2 1602/2 1606/2 1608/6 1609 1610 1611 1612 1613 1614/1 1615 1619 1620 1621
1622 1647 1648 1649 1650 1651 1652 1653 1654 1657 1659 1665 1666 1667 1668 1669 1671 1673 1674 1675 1677 1678 1679 1680 1681 1682
1683/2 1684/2 1685/6 1686/3 1687 1688 1689 1690`;

const REPLACED = `
1562:1685 1562.001:1685 1562.002:1685.001 1562.003:1690 1562.004:1686 1562.006:1685 1562.007:1686.001 1562.008:1685.002 1562.009:1688
1562.010:1689 1562.011:1685.003 1562.012:1685.004 1562.013:1686.002 1070.001:1685.005 1070.002:1685.006 1656:1684.001 1672:1684.002
1574.002:1574.001 1547.011:1647`;

const known = new Set(TECHNIQUES.trim().split(/\s+/).flatMap(expand));
const replaced = new Map(
  REPLACED.trim()
    .split(/\s+/)
    .map((pair): [string, string] => {
      const [from = '', to = ''] = pair.split(':');
      return [`t${from}`, `t${to}`];
    }),
);

function expand(entry: string): string[] {
  const [technique = '', subs] = entry.split('/');
  const ranges = subs === undefined ? [] : /^\d+$/.test(subs) ? [`1-${subs}`] : subs.split(',');
  return [
    `t${technique}`,
    ...ranges.flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => `t${technique}.${String(from + index).padStart(3, '0')}`);
    }),
  ];
}

/** Whether there is a technique or sub-technique of this id (`t1059.001`). */
export function isAttackId(id: string): boolean {
  return known.has(id);
}

/** The technique that took the place of a revoked one. */
export function replacementOf(id: string): string | undefined {
  return replaced.get(id);
}
